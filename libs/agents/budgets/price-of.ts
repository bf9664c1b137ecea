import type { BudgetPolicy } from '#playbook/policies';
import type { Spent } from './budgets.ts';

/** What a turn takes from its budgets: whole numbers; cost in millionths of the currency. */
export interface Amounts {
  readonly tokens: number;
  readonly cost: number;
  readonly steps: number;
}

/** Nonsense beyond it: no sum of a day comes near what a counter holds. */
const mostAtOnce = 1e12;

/** Prices are per a million tokens, and cost is counted in millionths: one unit of price is one of cost per token. */
export const costUnits = 1_000_000;

/**
 * Adds up what was spent. A model that has no price is counted as the dearest of those that have one, so that a
 * new name cannot spend without limit; without any prices nothing costs anything.
 */
export function priceOf({ usage, steps }: Spent, prices: BudgetPolicy['prices']): Amounts {
  const known = Object.values(prices);
  const dearest = {
    input: Math.max(0, ...known.map(({ input }) => input)),
    output: Math.max(0, ...known.map(({ output }) => output)),
  };
  let tokens = 0;
  let cost = 0;
  for (const { model, inputTokens, outputTokens } of usage) {
    const price = Object.hasOwn(prices, model) ? (prices[model] ?? dearest) : dearest;
    const [input, output] = [wholeOf(inputTokens), wholeOf(outputTokens)];
    tokens += input + output;
    cost += costOf(input, price.input) + costOf(output, price.output);
  }
  return { tokens, cost, steps: wholeOf(steps) };
}

/** Exact: the price as a whole number of millionths first, then one division, rounded up. */
function costOf(tokens: number, price: number): number {
  const perMillion = BigInt(wholeOf(price * costUnits));
  return Number((BigInt(tokens) * perMillion + 999_999n) / 1_000_000n);
}

function wholeOf(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, Math.round(value)), mostAtOnce) : 0;
}
