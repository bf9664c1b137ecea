import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { CryptoSlot } from '#crypto/crypto-device';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import type { Speaker } from '../sending/speaker.ts';
import { createGhosts } from './create-ghosts.ts';
import type { Outcome } from './outcome.ts';

const { signal } = new AbortController();
const minuteMs = 60_000;

function failure(status: number): MatrixRequestError {
  const about = { method: 'PUT', path: '/', errcode: null, retryAfterMs: null, reason: `was ${status}` };
  return new MatrixRequestError({ ...about, status, retryable: status >= 500 });
}

/** Ghosts that are made up, and a clock that stands still. */
function stage(options: { mostGhosts?: number } = {}) {
  const clock = { now: 0 };
  const opened: string[] = [];
  const closed: string[] = [];
  const entries: string[] = [];
  const logged: string[] = [];
  /** What happens the next time that a ghost is opened, comes in, or sends. */
  const next: { open?: Outcome<Speaker> | Error; enter?: Outcome<undefined> | Error; send?: Error } = {};
  const clientOf = (name: string): MatrixClient => ({
    userId: `@${name}:localhost`,
    deviceId: 'VAGENT_EGRESS',
    request: async () => {
      if (next.send !== undefined) throw next.send;
      return {};
    },
  });
  const slotOf = (name: string): CryptoSlot => ({
    current: () => undefined,
    held: () => Promise.reject(new Error('there is none')),
    check: async () => undefined,
    [Symbol.asyncDispose]: async () => void closed.push(name),
  });
  const bot: Speaker = { client: clientOf('bot'), crypto: undefined };
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const ghosts = createGhosts({
    bot,
    log,
    now: () => clock.now,
    ...options,
    openGhost: async (agent) => {
      opened.push(agent);
      if (next.open instanceof Error) throw next.open;
      return next.open ?? { ok: true, value: { client: clientOf(agent), crypto: slotOf(agent) } };
    },
    comeIn: async (_bot, ghost, room) => {
      entries.push(`${ghost.userId} ${room}`);
      if (next.enter instanceof Error) throw next.enter;
      return next.enter ?? { ok: true, value: undefined };
    },
  });
  const speaks = async (agent: string | null, room = '!a'): Promise<string> =>
    (await ghosts.speakerFor(agent, room, signal)).client.userId;
  return { ghosts, bot, clock, opened, closed, entries, logged, next, speaks };
}

describe('ghosts', () => {
  it('are opened once, and asked for a room once in a while', async () => {
    const { speaks, opened, entries, clock } = stage();
    for (const room of ['!a', '!b', '!a']) expect(await speaks('billing', room)).toBe('@billing:localhost');
    expect([opened, entries.length]).toEqual([['billing'], 2]);
    clock.now += 6 * minuteMs;
    await speaks('billing');
    expect([opened, entries.length]).toEqual([['billing'], 3]);
  });

  it('leave the word to the bot itself where nobody in particular speaks', async () => {
    const { ghosts, bot, opened } = stage();
    expect(await ghosts.speakerFor(null, '!a', signal)).toBe(bot);
    expect(opened).toEqual([]);
  });

  it('are not asked again for a while where they were refused, told once, and then asked again', async () => {
    const { ghosts, bot, speaks, next, clock, opened, logged } = stage();
    next.open = { ok: false, reason: 'not covered' };
    for (let n = 0; n < 3; n += 1) expect(await ghosts.speakerFor('billing', `!${n}`, signal)).toBe(bot);
    expect([opened.length, logged.length]).toEqual([1, 1]);
    delete next.open;
    clock.now += 11 * minuteMs;
    expect(await speaks('billing')).toBe('@billing:localhost');
  });

  it('are refused by one room without being silent in others', async () => {
    const { speaks, next } = stage();
    next.enter = { ok: false, reason: 'no power' };
    expect(await speaks('billing', '!a')).toBe('@bot:localhost');
    delete next.enter;
    expect(await speaks('billing', '!b')).toBe('@billing:localhost');
    expect(await speaks('billing', '!a')).toBe('@bot:localhost');
  });

  it.each(['open', 'enter'] as const)('wait where the homeserver gives no answer to "%s"', async (what) => {
    const { speaks, next } = stage();
    next[what] = failure(502);
    await expect(speaks('billing')).rejects.toThrow('502');
    delete next[what];
    expect(await speaks('billing')).toBe('@billing:localhost');
  });

  it('are silent in a room that does not take what they say any more', async () => {
    const { ghosts, speaks, next } = stage();
    const { client } = await ghosts.speakerFor('billing', '!a', signal);
    const send = () => client.request('PUT', '/_matrix/client/v3/rooms/!a/send/m.room.message/1');
    next.send = failure(500);
    await expect(send()).rejects.toThrow('500');
    expect(await speaks('billing')).toBe('@billing:localhost');
    next.send = failure(403);
    await expect(send()).rejects.toThrow('403');
    expect([await speaks('billing', '!a'), await speaks('billing', '!b')]).toEqual([
      '@bot:localhost',
      '@billing:localhost',
    ]);
  });

  it('give back their devices when they are unused for long, are too many, or all end', async () => {
    const { ghosts, speaks, clock, closed } = stage({ mostGhosts: 2 });
    await speaks('one');
    clock.now += minuteMs;
    await speaks('two');
    clock.now += 15 * minuteMs;
    await speaks('two');
    await expect.poll(() => closed).toEqual(['one']);
    await speaks('three');
    await speaks('four');
    await expect.poll(() => closed).toEqual(['one', 'two']);
    await ghosts[Symbol.asyncDispose]();
    expect(closed.toSorted()).toEqual(['four', 'one', 'three', 'two']);
    expect(await speaks('one')).toBe('@one:localhost');
  });
});
