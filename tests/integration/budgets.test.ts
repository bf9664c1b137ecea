import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Budgets } from '#agents/budgets/budgets';
import { createLocalBudgets } from '#agents/budgets/create-local-budgets';
import { createRedisBudgets } from '#agents/budgets/create-redis-budgets';
import type { BudgetPolicy } from '#playbook/policies';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { ann, describeBudgets, limited, unlimited, use } from './budgets-suite.ts';

const redis = new Redis(inject('redisUrl'));
const other = new Redis(inject('redisUrl'));
afterAll(() => Promise.all([redis.quit(), other.quit()]));

function open(policy: BudgetPolicy, prefix = uniquePrefix('budgets'), client = redis): Budgets {
  return createRedisBudgets({ redis: client, prefix, policy });
}

describe('budgets in Redis', () => {
  describeBudgets(open);

  it('count a turn once where two workers run it at the same time', async () => {
    const prefix = uniquePrefix('budgets');
    const both = [open(limited, prefix), open(limited, prefix, other)];
    await Promise.all(Array.from({ length: 20 }, (_, i) => both[i % 2]?.spend(ann, '$1', use(100))));
    expect(await both[0]?.exhausted(ann)).toMatchObject({ spent: 100 });
    const tokens = { scope: 'user', who: ann.user, what: 'tokens' } as const;
    const limits = await Promise.all(
      Array.from({ length: 20 }, (_, i) => both[i % 2]?.raise(tokens, `key ${i % 4}`)),
    );
    expect(Math.max(...limits.map(Number))).toBe(500);
  });

  it('begin every day, by the clock of Redis, with nothing spent and nothing raised', async () => {
    const prefix = uniquePrefix('budgets');
    const budgets = open(limited, prefix);
    await budgets.spend(ann, '$1', use(100));
    await budgets.raise({ scope: 'user', who: ann.user, what: 'steps' }, 'k');
    const [ledger = ''] = await redis.keys(`${prefix}:*user*:ledger`);
    const day = Number(await redis.hget(ledger, 'day'));
    await redis.hset(ledger, 'day', day - 1);
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$1', use(100));
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$2', use(100, 0, 10));
    await budgets.raise({ scope: 'user', who: ann.user, what: 'tokens' }, 'l');
    await budgets.raise({ scope: 'user', who: ann.user, what: 'cost' }, 'm');
    expect(await budgets.exhausted(ann)).toMatchObject({ what: 'steps', limit: 10, spent: 10 });
  });

  it('leave nothing for good, and no key without a hash tag', async () => {
    const prefix = uniquePrefix('budgets');
    const budgets = open(limited, prefix);
    await budgets.spend(ann, '$1', use(1));
    await budgets.raise({ scope: 'room', who: ann.room, what: 'tokens' }, 'k');
    const keys = await redis.keys(`${prefix}:*`);
    expect(keys).toHaveLength(4);
    for (const key of keys) {
      expect(key).toMatch(/^[^{}]+:\{budget:(user|room):[^{}]+\}:(ledger|seen)$/);
      expect(await redis.pttl(key)).toBeGreaterThan(2 * 24 * 60 * 60 * 1_000);
    }
  });

  it('cost no request where nothing is limited, and one for each limited scope otherwise', async () => {
    const lent = new Redis(inject('redisUrl'));
    await lent.ping();
    const sent: string[] = [];
    const { sendCommand } = lent;
    lent.sendCommand = (...given: Parameters<typeof sendCommand>) => {
      sent.push(given[0].name);
      return sendCommand.apply(lent, given);
    };
    const warm = open(limited, uniquePrefix('budgets'));
    await warm.spend(ann, '$0', use(1));
    await warm.exhausted(ann);
    const free = open(unlimited, uniquePrefix('budgets'), lent);
    await free.exhausted(ann);
    await free.spend(ann, '$1', use(1));
    expect(sent).toEqual([]);
    const budgets = open(limited, uniquePrefix('budgets'), lent);
    await budgets.exhausted(ann);
    await budgets.spend(ann, '$1', use(1));
    expect(sent).toEqual(['evalsha', 'evalsha', 'evalsha', 'evalsha']);
    await lent.quit();
  });
});

describe('budgets in a process', () => {
  describeBudgets((policy) => createLocalBudgets(policy));

  it('begin every day with nothing spent', async () => {
    let now = Date.UTC(2026, 10, 21, 23, 59, 59);
    const budgets = createLocalBudgets(limited, () => now);
    await budgets.spend(ann, '$1', use(100));
    expect(await budgets.exhausted(ann)).toBeDefined();
    now += 1_000;
    expect(await budgets.exhausted(ann)).toBeUndefined();
  });
});
