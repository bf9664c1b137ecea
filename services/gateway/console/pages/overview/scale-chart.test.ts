import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linePath, scaleOf } from './scale-chart.ts';

const frame = { left: 0, top: 0, width: 100, height: 100 };

test('an axis reaches its greatest value with few round marks', () => {
  expect(scaleOf(0)).toEqual({ top: 1, marks: [0, 0.5, 1] });
  expect(scaleOf(2, true)).toEqual({ top: 2, marks: [0, 1, 2] });
  expect(scaleOf(7)).toEqual({ top: 8, marks: [0, 2, 4, 6, 8] });
  expect(scaleOf(130)).toEqual({ top: 150, marks: [0, 50, 100, 150] });
});

test('any axis holds its value, starts at 0 and has two to six marks', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (most) => {
      const { top, marks } = scaleOf(most);
      expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-9));
      expect(marks[0]).toBe(0);
      expect(marks.length).toBeGreaterThanOrEqual(2);
      expect(marks.length).toBeLessThanOrEqual(6);
    }),
  );
});

test('a line joins neighbours, and breaks at nothing and at a gap', () => {
  const points = [
    { at: 0, value: 0 },
    { at: 10, value: 10 },
    { at: 20, value: null },
    { at: 30, value: 5 },
    { at: 90, value: 5 },
    { at: 100, value: 0 },
  ];

  const path = linePath(points, [0, 100], 10, frame, 20);

  expect(path).toBe('M0.0 100.0L10.0 0.0M30.0 50.0h0.01M90.0 50.0L100.0 100.0');
});

test('what lies outside of the time shown is not drawn', () => {
  expect(linePath([{ at: -5, value: 1 }], [0, 100], 10, frame, 20)).toBe('');
});
