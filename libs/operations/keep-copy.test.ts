import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { expect, it } from 'vitest';
import { eventually } from '../../tests/support/eventually.ts';
import { keepCopy } from './keep-copy.ts';

const common = {
  words: { waiting: 'waiting', away: 'away', back: 'back' },
  log: pino({ level: 'silent' }),
  everyMs: 1,
};

it('keeps nothing of rounds that are over', async () => {
  const rounds: WeakRef<Error>[] = [];
  const read = async (before: string | undefined): Promise<string> => {
    if (before === undefined) return 'first';
    const error = new Error('Redis is away');
    rounds.push(new WeakRef(error));
    throw error;
  };
  await using copy = await keepCopy({
    ...common,
    read,
    onChange: () => undefined,
    signal: new AbortController().signal,
  });
  await eventually(() => rounds.length > 20);
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('V8 does not collect on demand');
  // The logger has had the first one.
  await eventually(() => {
    collect();
    return rounds.slice(1, 10).every((round) => round.deref() === undefined);
  });
  expect(copy.value).toBe('first');
});

it('ends at once while a reading hangs, and tells nobody of what that brings', async () => {
  const hanging = Promise.withResolvers<string>();
  const told: string[] = [];
  let readings = 0;
  const copy = await keepCopy({
    ...common,
    read: async () => (++readings === 1 ? 'first' : hanging.promise),
    onChange: (now) => told.push(now),
    signal: new AbortController().signal,
  });
  await eventually(() => readings === 2);
  await copy[Symbol.asyncDispose]();
  hanging.resolve('late');
  await hanging.promise;
  await new Promise(setImmediate);
  expect([copy.value, told]).toEqual(['first', []]);
});

it('is as old as the question that it answers', async () => {
  const answers = [Promise.withResolvers<string>()];
  const begun = performance.now();
  const opening = keepCopy({
    ...common,
    read: () => answers[0]?.promise ?? Promise.reject(new Error('Nobody answers')),
    onChange: () => undefined,
    signal: new AbortController().signal,
  });
  const asked = performance.now();
  await new Promise(setImmediate);
  const answered = performance.now();
  answers.shift()?.resolve('first');
  await using copy = await opening;
  expect(copy.ageMs).toBeGreaterThanOrEqual(answered - asked);
  expect(copy.ageMs).toBeLessThanOrEqual(performance.now() - begun);
});
