import { expect, it } from 'vitest';
import type { Budgets, Spent } from '#agents/budgets/budgets';
import type { BudgetLimits, BudgetPolicy } from '#playbook/policies';

const none: BudgetLimits = { tokensPerDay: undefined, costPerDay: undefined, stepsPerDay: undefined };
export const unlimited: BudgetPolicy = { user: none, room: none, prices: { m: { input: 1, output: 3 } } };
export const limited: BudgetPolicy = {
  ...unlimited,
  user: { tokensPerDay: 100, costPerDay: 0.0003, stepsPerDay: 10 },
  room: { ...none, tokensPerDay: 150 },
};

export const ann = { user: '@ann:acme.example', room: '!one:acme.example' };
const bob = { user: '@bob:acme.example', room: '!one:acme.example' };
const elsewhere = { ...ann, room: '!two:acme.example' };

export function use(inputTokens: number, outputTokens = 0, steps = 1): Spent {
  return { usage: [{ model: 'm', inputTokens, outputTokens }], steps };
}

/** What all budgets keep. `open` starts with nothing spent. */
export function describeBudgets(open: (policy: BudgetPolicy) => Budgets): void {
  it('has something left until a limit is reached', async () => {
    const budgets = open(limited);
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$1', use(99));
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$2', use(1));
    expect(await budgets.exhausted(ann)).toEqual({
      scope: 'user',
      who: ann.user,
      what: 'tokens',
      limit: 100,
      spent: 100,
    });
    expect(await budgets.exhausted(elsewhere)).toMatchObject({ scope: 'user' });
    expect(await budgets.exhausted(bob)).toBeUndefined();
  });

  it('counts a room for all of its people', async () => {
    const budgets = open(limited);
    await budgets.spend(ann, '$1', use(75));
    await budgets.spend(bob, '$2', use(75));
    expect(await budgets.exhausted(ann)).toEqual({
      scope: 'room',
      who: ann.room,
      what: 'tokens',
      limit: 150,
      spent: 150,
    });
    expect(await budgets.exhausted(elsewhere)).toBeUndefined();
  });

  it('counts cost by the price of the model, exactly, and steps', async () => {
    const budgets = open(limited);
    for (let turn = 0; turn < 3; turn += 1) await budgets.spend(ann, `$${turn}`, use(0, 30));
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$3', use(0, 10));
    // A hundred tokens are also used up; tokens are looked at first.
    expect(await budgets.exhausted(ann)).toMatchObject({ what: 'tokens' });
    await budgets.raise({ scope: 'user', who: ann.user, what: 'tokens' }, 'k');
    expect(await budgets.exhausted(ann)).toMatchObject({ what: 'cost', limit: 0.0003, spent: 0.0003 });
    await budgets.raise({ scope: 'user', who: ann.user, what: 'cost' }, 'l');
    await budgets.spend(ann, '$4', use(0, 0, 6));
    expect(await budgets.exhausted(ann)).toMatchObject({ what: 'steps', limit: 10, spent: 10 });
  });

  it('counts a turn once', async () => {
    const budgets = open(limited);
    for (let times = 0; times < 3; times += 1) await budgets.spend(ann, '$1', use(50));
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$2', use(50));
    expect(await budgets.exhausted(ann)).toMatchObject({ spent: 100 });
  });

  it('raises a limit by as much again, once for each key', async () => {
    const budgets = open(limited);
    await budgets.spend(ann, '$1', use(100));
    const tokens = { scope: 'user', who: ann.user, what: 'tokens' } as const;
    expect(await budgets.raise(tokens, 'approval 1')).toBe(200);
    expect(await budgets.raise(tokens, 'approval 1')).toBe(200);
    expect(await budgets.exhausted(ann)).toBeUndefined();
    await budgets.spend(ann, '$2', use(100));
    expect(await budgets.exhausted(ann)).toMatchObject({ scope: 'user', limit: 200, spent: 200 });
    expect(await budgets.raise(tokens, 'approval 2')).toBe(300);
    expect(await budgets.exhausted(ann)).toMatchObject({ scope: 'room' });
  });

  it('never ends where nothing is limited', async () => {
    const budgets = open(unlimited);
    await budgets.spend(ann, '$1', use(1e9, 1e9, 1e9));
    expect(await budgets.exhausted(ann)).toBeUndefined();
    expect(await budgets.raise({ scope: 'user', who: ann.user, what: 'cost' }, 'k')).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('has nothing to give where a limit is zero', async () => {
    const budgets = open({ ...unlimited, user: { ...none, costPerDay: 0 } });
    expect(await budgets.exhausted(ann)).toMatchObject({ what: 'cost', limit: 0, spent: 0 });
  });

  it('keeps names apart, whatever they contain', async () => {
    const budgets = open({ ...unlimited, user: { ...none, stepsPerDay: 1 } });
    await budgets.spend({ user: '{a}:b', room: 'r' }, '$1', use(1));
    expect(await budgets.exhausted({ user: '{a}:b', room: 'r' })).toMatchObject({ who: '{a}:b' });
    expect(await budgets.exhausted({ user: '%7Ba%7D%3Ab', room: 'r' })).toBeUndefined();
  });
}
