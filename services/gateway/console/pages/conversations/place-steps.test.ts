import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeSteps } from './place-steps.ts';

const step = (startMs: number, tookMs: number) => ({
  kind: 'tool' as const,
  name: 'find_invoice',
  status: 'done',
  startMs,
  tookMs,
});

test('steps lie where they happened, in the order in which they began', () => {
  const placed = placeSteps({ tookMs: 200, steps: [step(100, 50), step(0, 100)] });

  expect(placed.map(({ left, width }) => [left, width])).toEqual([
    [0, 50],
    [50, 25],
  ]);
});

test('every bar can be seen and ends within the turn', () => {
  const duration = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(duration, fc.array(fc.tuple(duration, duration)), (tookMs, times) => {
      for (const { left, width } of placeSteps({ tookMs, steps: times.map(([a, b]) => step(a, b)) })) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(width).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(left + width).toBeLessThanOrEqual(100 + 1e-9);
      }
    }),
  );
});

test('a turn without steps has none to lay out', () => {
  expect(placeSteps({ tookMs: 0, steps: [] })).toEqual([]);
});
