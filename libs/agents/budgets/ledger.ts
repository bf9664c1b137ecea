import type { BudgetLimits } from '#playbook/policies';
import type { Exhausted } from './budgets.ts';
import { type Amounts, costUnits } from './price-of.ts';

/** What one spender has used today, and how often each limit was raised today. */
export interface Ledger {
  readonly spent: Amounts;
  readonly raised: Amounts;
}

export const emptyLedger: Ledger = {
  spent: { tokens: 0, cost: 0, steps: 0 },
  raised: { tokens: 0, cost: 0, steps: 0 },
};

type What = Exhausted['what'];
const budgets = ['tokens', 'cost', 'steps'] as const satisfies readonly What[];

/** The first budget of a spender that is used up. */
export function exhaustedIn(
  ledger: Ledger,
  limits: BudgetLimits,
  whose: Pick<Exhausted, 'scope' | 'who'>,
): Exhausted | undefined {
  for (const what of budgets) {
    const limit = limitOf(limits, what, ledger.raised[what]);
    const unit = what === 'cost' ? costUnits : 1;
    const spent = ledger.spent[what];
    // Compared as whole numbers: a sum of prices as fractions would not meet its limit.
    if (spent >= Math.round(limit * unit)) return { ...whose, what, limit, spent: spent / unit };
  }
  return undefined;
}

/** Today's limit after it was raised so many times by as much as it is; Infinity where there is none. */
export function limitOf(limits: BudgetLimits, what: What, raised: number): number {
  const { tokensPerDay, costPerDay, stepsPerDay } = limits;
  const limit = { tokens: tokensPerDay, cost: costPerDay, steps: stepsPerDay }[what];
  return limit === undefined ? Number.POSITIVE_INFINITY : limit * (1 + raised);
}

/** False where nothing is limited: then nothing is counted either. */
export function isLimited({ tokensPerDay, costPerDay, stepsPerDay }: BudgetLimits): boolean {
  return tokensPerDay !== undefined || costPerDay !== undefined || stepsPerDay !== undefined;
}
