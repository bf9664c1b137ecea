import { describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import type { LiveEvent } from '../api/live.ts';
import type { Feed, Follower } from './feed.ts';
import { createPacer } from './pacer.ts';
import { type Outlet, startPump } from './pump.ts';

function event(number: number): LiveEvent {
  const about = { id: `${number}-0,0-0,0-0`, session: 's', turn: '$t', at: '2026-01-01T00:00:00.000Z' };
  return { ...about, event: 'notice', text: `${number}` };
}

/** Keeps who follows, and from where. */
function openStage(slowMs: number) {
  const followers: { after: string | null; follower: Follower; isStopped: boolean }[] = [];
  const begin = (after: string | null, follower: Follower) => {
    const one = { after, follower, isStopped: false };
    followers.push(one);
    return {
      caughtUp: Promise.resolve(),
      cursor: () => undefined,
      stop: () => {
        one.isStopped = true;
      },
    };
  };
  const feed: Feed = {
    follow: (_, after, follower) => begin(after, follower),
    followAll: (follower) => begin(null, follower),
    now: async () => '0-0,0-0,0-0',
    [Symbol.asyncDispose]: async () => undefined,
  };
  const told: string[] = [];
  let buffered = 0;
  const outlet: Outlet = {
    buffered: () => buffered,
    event: (one) => void told.push(one.event === 'notice' ? one.text : one.event),
    delayed: (because) => void told.push(because),
    current: () => void told.push('current'),
    tooSlow: () => void told.push('too slow'),
  };
  const pacer = createPacer({ slowBytes: 1_000, slowMs });
  const fill = (bytes: number) => {
    buffered = bytes;
  };
  return { feed, outlet, pacer, told, followers, fill };
}

describe('a pump', () => {
  it('stops following for a reader that is behind, and goes on from its own cursor', async () => {
    const { told, followers, fill, ...stage } = openStage(10_000);
    startPump({ ...stage, session: 's', after: null, view: (one) => one });
    await eventually(() => told.includes('current'));
    followers[0]?.follower.onEvent(event(1));
    fill(2_000);
    followers[0]?.follower.onEvent(event(2));
    expect(followers[0]?.isStopped).toBe(true);
    expect(told).toEqual(['current', '1', '2', 'slow_reader']);
    fill(0);
    await eventually(() => followers.length === 2);
    expect(followers[1]?.after).toBe('2-0,0-0,0-0');
    await eventually(() => told.at(-1) === 'current');
  });

  it('gives up on a reader that takes nothing in time, and at once on one of all sessions', async () => {
    const { told, followers, fill, ...stage } = openStage(150);
    startPump({ ...stage, session: 's', after: null, view: (one) => one });
    fill(2_000);
    followers[0]?.follower.onEvent(event(1));
    await eventually(() => told.at(-1) === 'too slow');
    startPump({ ...stage, session: null, after: null, view: (one) => one });
    followers[1]?.follower.onEvent(event(1));
    expect(told.slice(-2)).toEqual(['1', 'too slow']);
  });

  it('tells nothing twice that waited for the vault when its reader fell behind', async () => {
    const { told, followers, fill, ...stage } = openStage(10_000);
    const vault = [1, 2].map(() => Promise.withResolvers<LiveEvent>());
    const view = (one: LiveEvent) => vault[Number(one.event === 'notice' && one.text) - 1]?.promise ?? one;
    startPump({ ...stage, session: 's', after: null, view });
    for (const number of [1, 2]) followers[0]?.follower.onEvent(event(number));
    fill(2_000);
    vault[0]?.resolve(event(1));
    await eventually(() => told.includes('slow_reader'));
    fill(0);
    await eventually(() => followers.length === 2);
    expect(followers[1]?.after).toBe('1-0,0-0,0-0');
    for (const number of [2, 3]) followers[1]?.follower.onEvent(event(number));
    vault[1]?.resolve(event(2));
    await eventually(() => told.includes('3'));
    expect(told.filter((word) => /^\d$/.test(word))).toEqual(['1', '2', '3']);
  });

  it('keeps the order where one event waits for the vault and the next does not', async () => {
    const { told, followers, ...stage } = openStage(1_000);
    const { promise, resolve } = Promise.withResolvers<LiveEvent>();
    startPump({
      ...stage,
      session: 's',
      after: null,
      view: (one) => (one.event === 'notice' && one.text === '1' ? promise : one),
    });
    for (const number of [1, 2, 3]) followers[0]?.follower.onEvent(event(number));
    expect(told).toEqual([]);
    resolve(event(1));
    await eventually(() => told.includes('3'));
    expect(told.filter((word) => word !== 'current')).toEqual(['1', '2', '3']);
    followers[0]?.follower.onEvent(event(4));
    await eventually(() => told.at(-1) === '4');
  });
});
