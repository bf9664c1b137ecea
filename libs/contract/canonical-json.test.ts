import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from './canonical-json.ts';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([key, member]) => [key, shuffled(member)]));
}

describe('canonicalJson', () => {
  it('says the same value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same text for equal values, and for no others', () => {
    const pair = fc
      .tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), fc.boolean())
      .map(([a, b, isSame]): [unknown, unknown] => [a, isSame ? shuffled(a) : b]);
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isDeepStrictEqual(plain(a), plain(b)));
      }),
    );
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson([1, [2]])).not.toBe(canonicalJson([[1], 2]));
  });

  it('sorts by UTF-16 code unit and leaves out what is undefined', () => {
    const given = { '\u20ac': 1, '\r': 2, 1: 3, '\u{1f600}': 4, '\u00f6': 5, '\ufb33': 6, a: undefined };
    expect(canonicalJson(given)).toBe('{"\\r":2,"1":3,"\u00f6":5,"\u20ac":1,"\u{1f600}":4,"\ufb33":6}');
  });

  it('keeps a key named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1},"b":2}'))).toBe('{"__proto__":{"a":1},"b":2}');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n, Symbol('s'), [undefined]])(
    'refuses what JSON has not (%#)',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it('gives digests in hex', () => {
    expect(digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});
