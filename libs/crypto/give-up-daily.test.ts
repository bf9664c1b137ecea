import { pino } from 'pino';
import { expect, it } from 'vitest';
import { DeviceLostError } from './errors.ts';
import { giveUpDaily } from './give-up-daily.ts';

/** Plays so many days; the device ends at the end of the last one. */
async function play(days: readonly ('quiet' | 'behind' | 'broken' | 'lost')[]) {
  const end = new AbortController();
  let day = -1;
  const givenUpOn: number[] = [];
  const isBehind = async (): Promise<boolean> => {
    day += 1;
    if (day === days.length) end.abort();
    return day === days.length || days[day] === 'behind';
  };
  const giveUpOld = async (): Promise<number> => {
    if (days[day] === 'broken') throw new Error('Redis is away');
    givenUpOn.push(day);
    return 1;
  };
  const use = async <T>(work: () => Promise<T>): Promise<T> => {
    if (days[day] === 'lost') throw new DeviceLostError('D');
    return work();
  };
  const parts = { store: { giveUpOld }, ended: end.signal, deviceId: 'D', log: pino({ level: 'silent' }) };
  await giveUpDaily(parts, { use, isBehind, everyMs: 1 });
  return { givenUpOn, daysSeen: day };
}

it('gives up old keys every day, but not while events wait that may need them, and goes on after a failure', async () => {
  const days = ['quiet', 'behind', 'broken', 'quiet'] as const;
  expect(await play(days)).toEqual({ givenUpOn: [0, 3], daysSeen: 4 });
});

it('ends when the device is lost', async () => {
  expect(await play(['quiet', 'lost', 'quiet'])).toEqual({ givenUpOn: [0], daysSeen: 1 });
});
