import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { type DeadInput, writeDeadLetter } from '../../services/ingress/publishing/write-dead-letter.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.disconnect());

const room = '!r:localhost';
const large = (sender: string, n: number): DeadInput => ({
  room,
  eventId: `$${sender}${n}`,
  raw: { event_id: `$${sender}${n}`, sender, content: { body: 'x'.repeat(60_000) } },
  reason: 'no url',
});

function open() {
  const deps = {
    redis,
    keys: createKeys(uniquePrefix('dead')),
    partitions: 1,
    sealBody: (json: string) => json,
  };
  const raws = async (): Promise<string[]> => {
    const letters = await redis.xrange(deps.keys.stream(0, 'dead'), '-', '+');
    return letters.map(([, fields]) => fields[fields.indexOf('raw') + 1] ?? '');
  };
  return { write: (input: DeadInput) => writeDeadLetter(deps, input), raws };
}

it('T11: nobody fills Redis with large events that cannot be decided: beyond a few an hour only their senders are kept', async () => {
  const { write, raws } = open();
  for (let tries = 0; tries < 30; tries += 1) await write(large('@mal:localhost', 0));
  for (let n = 0; n < 25; n += 1) await write(large('@mal:localhost', n));
  await write(large('@ana:localhost', 1));
  const kept = await raws();
  expect(kept).toHaveLength(26);
  const whole = kept.filter((raw) => raw.length > 60_000);
  expect(whole).toHaveLength(21);
  expect(whole.at(-1)).toContain('@ana:localhost');
  expect(JSON.parse(kept[24] ?? '')).toEqual({
    ...{ event_id: '$@mal:localhost24', sender: '@mal:localhost' },
    leftOut: expect.stringContaining('bytes'),
  });
});

it('keeps small ones whole, however many, and each once', async () => {
  const { write, raws } = open();
  const small = (n: number): DeadInput => ({
    room,
    eventId: null,
    raw: { sender: '@a:x', n },
    reason: 'odd',
  });
  for (let n = 0; n < 40; n += 1) await write(small(n));
  for (let n = 0; n < 40; n += 1) await write(small(n));
  expect((await raws()).map((raw) => JSON.parse(raw).n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});
