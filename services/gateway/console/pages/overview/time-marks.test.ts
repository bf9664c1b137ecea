import { expect, test } from 'vitest';
import { timeMarks } from './time-marks.ts';

const at = (time: string): number => Date.parse(`2026-11-21T${time}Z`);

test('an hour on a wide chart is marked every quarter, on a narrow one every half hour', () => {
  const hour = [at('10:02:00'), at('11:02:00')] as const;

  expect(timeMarks(...hour, 5)).toEqual([at('10:15:00'), at('10:30:00'), at('10:45:00'), at('11:00:00')]);
  expect(timeMarks(...hour, 2)).toEqual([at('10:30:00'), at('11:00:00')]);
});

test('ten minutes are marked every two', () => {
  expect(timeMarks(at('10:00:30'), at('10:10:30'), 5)).toHaveLength(5);
});

test('no time at all has no marks but its own', () => {
  expect(timeMarks(at('10:00:30'), at('10:00:30'), 5)).toEqual([]);
});
