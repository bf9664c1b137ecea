import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareIds,
  covers,
  formatCursor,
  furthest,
  nearest,
  type Positions,
  parseCursor,
} from './cursor.ts';
import { mergePages, type Page } from './merge-pages.ts';

const number = fc.bigInt({ min: 0n, max: 18_446_744_073_709_551_615n });
const id = fc.tuple(number, number).map(([ms, sequence]) => `${ms}-${sequence}`);
const positions: fc.Arbitrary<Positions> = fc.tuple(id, id, id);

describe('cursors', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(positions, (at) => {
        expect(parseCursor(formatCursor(at))).toEqual(at);
      }),
    );
  });

  it('compare as Redis compares entry ids, also beyond what JavaScript counts exactly', () => {
    fc.assert(
      fc.property(number, number, number, number, (aMs, aSeq, bMs, bSeq) => {
        const wanted = aMs === bMs ? aSeq - bSeq : aMs - bMs;
        const sign = wanted === 0n ? 0 : wanted < 0n ? -1 : 1;
        expect(Math.sign(compareIds(`${aMs}-${aSeq}`, `${bMs}-${bSeq}`))).toBe(sign);
      }),
    );
  });

  it('lie between the nearest and the furthest of two', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        expect(covers(furthest(a, b), a) && covers(furthest(a, b), b)).toBe(true);
        expect(covers(a, nearest(a, b)) && covers(b, nearest(a, b))).toBe(true);
      }),
    );
  });

  it('refuse everything else without a crash', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseCursor(text)).toThrow(RangeError);
      }),
    );
    for (const wrong of ['0-0,0-0', '00-0,0-0,0-0', '18446744073709551616-0,0-0,0-0', '-1-0,0-0,0-0']) {
      expect(() => parseCursor(wrong)).toThrow(RangeError);
    }
  });
});

describe('merging pages', () => {
  const begin: Positions = ['0-0', '0-0', '0-0'];
  const page = (stream: number, isFull: boolean, ...ids: string[]): Page => ({
    stream,
    isFull,
    entries: ids.map((one) => [one, []]),
  });

  it('goes by time, and by stream within a millisecond', () => {
    const { found } = mergePages(begin, [page(0, false, '1-0', '5-0'), page(1, false, '2-0', '5-0')]);
    expect(found.map(({ stream, id: one }) => `${stream} ${one}`)).toEqual([
      '0 1-0',
      '1 2-0',
      '0 5-0',
      '1 5-0',
    ]);
    expect(found.at(-1)?.positions).toEqual(['5-0', '5-0', '0-0']);
  });

  it('takes nothing from behind the end of a page after which more may come', () => {
    const { found, positions: at } = mergePages(begin, [
      page(0, true, '1-0', '3-0'),
      page(1, false, '2-0', '4-0'),
    ]);
    expect(found.map(({ id: one }) => one)).toEqual(['1-0', '2-0', '3-0']);
    expect(at).toEqual(['3-0', '2-0', '0-0']);
  });
});
