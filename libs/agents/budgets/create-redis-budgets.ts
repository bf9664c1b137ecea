import { createHash } from 'node:crypto';
import { z } from 'zod';
import { encodeKeyPart } from '#checkpoint/key-part';
import type { BudgetPolicy } from '#playbook/policies';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import type { Budgets, Exhausted, Spender } from './budgets.ts';
import { exhaustedIn, isLimited, type Ledger, limitOf } from './ledger.ts';
import { priceOf } from './price-of.ts';

export interface RedisBudgetsDeps {
  readonly redis: RedisClient;
  /** `KEY_PREFIX`. */
  readonly prefix: string;
  readonly policy: BudgetPolicy;
}

/** A turn that is not over after this long is counted again. */
const ttlMs = 3 * 24 * 60 * 60 * 1_000;

const script = {
  read: loadScript(new URL('read.lua', import.meta.url)),
  spend: loadScript(new URL('spend.lua', import.meta.url)),
  raise: loadScript(new URL('raise.lua', import.meta.url)),
};

const counted = z.array(z.number()).length(6);

type Scope = Exhausted['scope'];

/**
 * Budgets in Redis: a user and a room have a slot each, so both are asked at once, in one request each. A scope in
 * which nothing is limited costs no request. Holds no state: make one for each playbook version.
 */
export function createRedisBudgets({ redis, prefix, policy }: RedisBudgetsDeps): Budgets {
  const keysOf = (scope: Scope, who: string) => {
    const own = `${prefix}:{budget:${scope}:${encodeKeyPart(who)}}`;
    return { ledger: `${own}:ledger`, seen: `${own}:seen` };
  };
  const limitedOf = ({ user, room }: Spender) => {
    const scopes = [
      { scope: 'user', who: user },
      { scope: 'room', who: room },
    ] as const;
    return scopes.filter(({ scope }) => isLimited(policy[scope]));
  };
  const read = async (scope: Scope, who: string): Promise<Ledger> => {
    const reply = await runScript(redis, script.read, [keysOf(scope, who).ledger], []);
    const [tokens = 0, cost = 0, steps = 0, ...raised] = counted.parse(reply);
    const [ofTokens = 0, ofCost = 0, ofSteps = 0] = raised;
    return { spent: { tokens, cost, steps }, raised: { tokens: ofTokens, cost: ofCost, steps: ofSteps } };
  };
  return {
    exhausted: async (spender) => {
      const found = await Promise.all(
        limitedOf(spender).map(async (whose) =>
          exhaustedIn(await read(whose.scope, whose.who), policy[whose.scope], whose),
        ),
      );
      return found.find((one) => one !== undefined);
    },
    spend: async (spender, turn, spent) => {
      const { tokens, cost, steps } = priceOf(spent, policy.prices);
      if (tokens + cost + steps === 0) return;
      const args = [markOf('turn', turn), tokens, cost, steps, ttlMs];
      await Promise.all(
        limitedOf(spender).map(({ scope, who }) => {
          const { ledger, seen } = keysOf(scope, who);
          return runScript(redis, script.spend, [ledger, seen], args);
        }),
      );
    },
    raise: async ({ scope, who, what }, key) => {
      const { ledger, seen } = keysOf(scope, who);
      const args = [markOf('raise', key), what, ttlMs];
      return limitOf(policy[scope], what, Number(await runScript(redis, script.raise, [ledger, seen], args)));
    },
  };
}

function markOf(kind: 'turn' | 'raise', id: string): string {
  return createHash('sha256').update(`${kind}:${id}`).digest('base64url').slice(0, 22);
}
