import type { BudgetPolicy } from '#playbook/policies';
import type { Budgets, Exhausted } from './budgets.ts';
import { emptyLedger, exhaustedIn, isLimited, type Ledger, limitOf } from './ledger.ts';
import { priceOf } from './price-of.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** Budgets in this process, for tests of playbooks. `now` in ms. */
export function createLocalBudgets(policy: BudgetPolicy, now: () => number = Date.now): Budgets {
  const ledgers = new Map<string, Ledger & { readonly day: number }>();
  const seen = new Set<string>();
  const nameOf = ({ scope, who }: Pick<Exhausted, 'scope' | 'who'>): string => JSON.stringify([scope, who]);
  const today = (): number => Math.floor(now() / dayMs);
  const read = (whose: Pick<Exhausted, 'scope' | 'who'>): Ledger => {
    const ledger = ledgers.get(nameOf(whose));
    return ledger?.day === today() ? ledger : emptyLedger;
  };
  const isFirst = (mark: string): boolean => seen.size !== seen.add(mark).size;
  return {
    exhausted: async ({ user, room }) =>
      exhaustedIn(read({ scope: 'user', who: user }), policy.user, { scope: 'user', who: user }) ??
      exhaustedIn(read({ scope: 'room', who: room }), policy.room, { scope: 'room', who: room }),
    spend: async ({ user, room }, turn, spent) => {
      const amounts = priceOf(spent, policy.prices);
      for (const whose of [{ scope: 'user', who: user } as const, { scope: 'room', who: room } as const]) {
        if (!isLimited(policy[whose.scope]) || !isFirst(`turn ${nameOf(whose)} ${turn}`)) continue;
        const { spent: before, raised } = read(whose);
        const tokens = before.tokens + amounts.tokens;
        const after = { tokens, cost: before.cost + amounts.cost, steps: before.steps + amounts.steps };
        ledgers.set(nameOf(whose), { day: today(), spent: after, raised });
      }
    },
    raise: async ({ scope, who, what }, key) => {
      const { spent, raised } = read({ scope, who });
      const isNew = isFirst(`raise ${nameOf({ scope, who })} ${key}`);
      const after = isNew ? { ...raised, [what]: raised[what] + 1 } : raised;
      ledgers.set(nameOf({ scope, who }), { day: today(), spent, raised: after });
      return limitOf(policy[scope], what, after[what]);
    },
  };
}
