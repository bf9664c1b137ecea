import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceOf } from './price-of.ts';

const prices = { small: { input: 0.15, output: 0.6 }, large: { input: 2, output: 8 } };
const call = (model: string, inputTokens: number, outputTokens: number) => ({
  model,
  inputTokens,
  outputTokens,
});

describe('priceOf', () => {
  it('adds up tokens, steps, and cost in millionths by the price of each model', () => {
    const usage = [call('large', 1_000, 500), call('small', 1_000, 500)];
    expect(priceOf({ usage, steps: 3 }, prices)).toEqual({ tokens: 3_000, cost: 6_000 + 450, steps: 3 });
  });

  it('counts a model without a price as the dearest, and nothing where there are no prices', () => {
    expect(priceOf({ usage: [call('unheard-of', 10, 10)], steps: 0 }, prices).cost).toBe(100);
    expect(priceOf({ usage: [call('toString', 10, 10)], steps: 0 }, prices).cost).toBe(100);
    expect(priceOf({ usage: [call('unheard-of', 10, 10)], steps: 0 }, {}).cost).toBe(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5])('takes %s tokens or steps as none', (strange) => {
    const spent = priceOf({ usage: [call('large', strange, strange)], steps: strange }, prices);
    expect(spent).toEqual({ tokens: 0, cost: 0, steps: 0 });
  });

  it('gives whole numbers, never less than the exact cost', () => {
    fc.assert(
      fc.property(fc.nat(5_000_000), fc.nat(10_000_000), (tokens, perMillion) => {
        const price = perMillion / 1_000_000;
        const { cost } = priceOf(
          { usage: [call('m', tokens, 0)], steps: 0 },
          { m: { input: price, output: 0 } },
        );
        const exact = BigInt(tokens) * BigInt(perMillion);
        expect(Number.isSafeInteger(cost)).toBe(true);
        expect(BigInt(cost) * 1_000_000n >= exact && BigInt(cost - 1) * 1_000_000n < exact).toBe(true);
      }),
    );
  });
});
