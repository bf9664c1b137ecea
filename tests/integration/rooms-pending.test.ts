import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { MatrixRequestError } from '#matrix/errors';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../../services/ingress/ingress-metrics.ts';
import type { Closing } from '../../services/ingress/rooms/close-sessions.ts';
import type { Followed } from '../../services/ingress/rooms/follow-upgrade.ts';
import { createPendingJoins } from '../../services/ingress/rooms/pending-joins.ts';
import { createPendingUpgrades } from '../../services/ingress/rooms/pending-upgrades.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.disconnect());

const [from, to] = ['!from:localhost', '!to:localhost'];
const { signal } = new AbortController();

function open(follow: () => Promise<Followed>, closeSessions: (closing: Closing) => Promise<void>) {
  return createPendingUpgrades({
    redis,
    keys: createKeys(uniquePrefix('upgrades')),
    userId: '@bot:localhost',
    follow,
    closeSessions,
    findWaiting: async () => new Set(['waiting']),
    originOf: async () => '!origin:localhost',
    metrics: createIngressMetrics(createMetrics({ service: 'ingress' })),
    log: pino({ level: 'silent' }),
  });
}

describe('F62: upgrades that wait', () => {
  it('are told to the sessions before they are forgotten: a crash in between tells it again, with the same cause', async () => {
    const told: Closing[] = [];
    const upgrades = open(
      async () => ({ kind: 'followed', to, isAdminRoom: true }),
      async (closing) => {
        told.push(closing);
        if (told.length === 1) throw new Error('the process died here');
      },
    );
    await upgrades.add(from, to);
    await expect(upgrades.tick(signal)).rejects.toThrow('died');
    expect(await upgrades.expected()).toEqual(new Set([to]));
    await upgrades.tick(signal);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
    expect(told[0]).toMatchObject({ room: '!origin:localhost', movedTo: to, others: new Set(['waiting']) });
    expect(await upgrades.expected()).toEqual(new Set());
  });

  it('are tried again ever more seldom, at once when the invite comes, and not while the homeserver refuses for good', async () => {
    let tries = 0;
    const answers: (() => Promise<Followed>)[] = [
      async () => ({ kind: 'later', reason: 'not invited' }),
      () => Promise.reject(refusal(502)),
      () => Promise.reject(refusal(403)),
    ];
    const upgrades = open(
      () => answers[tries++]?.() ?? Promise.reject(new Error('asked once too often')),
      async () => undefined,
    );
    await upgrades.add(from, to);
    await upgrades.tick(signal);
    await upgrades.tick(signal);
    expect(tries).toBe(1);
    await upgrades.invited('!another:localhost');
    await upgrades.tick(signal);
    expect(tries).toBe(1);
    await upgrades.invited(to);
    await upgrades.tick(signal);
    expect([tries, (await upgrades.expected()).size]).toEqual([2, 1]);
    await upgrades.invited(to);
    await upgrades.tick(signal);
    expect([tries, (await upgrades.expected()).size]).toEqual([3, 0]);
  });
});

describe('F62: what is noted while an upgrade is being followed', () => {
  const next = '!next:localhost';

  it.each<{ name: string; end: Followed; note: 'add' | 'same' | 'invited'; expected: string }>([
    { name: 'another upgrade', end: { kind: 'refused', reason: 'no' }, note: 'add', expected: next },
    { name: 'another upgrade', end: { kind: 'later', reason: 'wait' }, note: 'add', expected: next },
    { name: 'the same one again', end: { kind: 'refused', reason: 'no' }, note: 'same', expected: to },
    { name: 'the invite', end: { kind: 'later', reason: 'not invited' }, note: 'invited', expected: to },
  ])('is not lost: $name, where the attempt ends as $end.kind', async ({ end, note, expected }) => {
    let tries = 0;
    const upgrades = open(
      async () => {
        tries += 1;
        if (tries > 1) return { kind: 'refused', reason: 'enough' };
        if (note === 'invited') await upgrades.invited(to);
        else await upgrades.add(from, note === 'add' ? next : to);
        return end;
      },
      async () => undefined,
    );
    await upgrades.add(from, to);
    await upgrades.tick(signal);
    expect(await upgrades.expected()).toEqual(new Set([expected]));
    await upgrades.tick(signal);
    expect([tries, (await upgrades.expected()).size]).toEqual([2, 0]);
  });
});

describe('an invite that was accepted', () => {
  /** Joins where `answers` are used up; so many ticks. Where `isAway`, nothing else is answered until then. */
  async function joinAfter(answers: readonly MatrixRequestError[], ticks: number, isAway = false) {
    const keys = createKeys(uniquePrefix('joins'));
    const userId = '@bot:localhost';
    const left = [...answers];
    let joined = 0;
    const joins = createPendingJoins({
      redis,
      keys,
      userId,
      request: async (method) => {
        if (method === 'GET' && isAway) throw left[0] ?? new Error('asked without need');
        if (method === 'GET') return { user_id: userId };
        const error = left.shift();
        if (error !== undefined) throw error;
        joined += 1;
        return {};
      },
      metrics: createIngressMetrics(createMetrics({ service: 'ingress' })),
      log: pino({ level: 'silent' }),
      spacingMs: 0,
    });
    await joins.add(to);
    for (let at = 0; at < ticks; at += 1) await joins.tick(signal);
    return { joined, waiting: await redis.hlen(`${keys.sync(userId)}:joins`) };
  }

  it('outlasts a token that is void and a homeserver that is away, however long', async () => {
    const away = Array.from({ length: 30 }, () => [refusal(null), refusal(401), refusal(502)]).flat();
    // What is asked in between gets the answer after it.
    expect(await joinAfter([...away, refusal(null)], 92, true)).toEqual({ joined: 1, waiting: 0 });
  });

  it('is given up where the homeserver says for good that the room cannot be joined, or says so too often', async () => {
    expect(await joinAfter([refusal(403, 'M_FORBIDDEN')], 1)).toEqual({ joined: 0, waiting: 0 });
    const gone = Array.from({ length: 20 }, () => refusal(502, 'M_UNKNOWN'));
    expect(await joinAfter(gone, 19)).toEqual({ joined: 0, waiting: 1 });
    expect(await joinAfter(gone, 20)).toEqual({ joined: 0, waiting: 0 });
    const late = Array.from({ length: 20 }, () => refusal(null));
    expect(await joinAfter(late, 20)).toEqual({ joined: 0, waiting: 0 });
  });
});

function refusal(status: number | null, errcode: string | null = null): MatrixRequestError {
  const failure = { method: 'GET', path: '/state', status, errcode, retryAfterMs: null, reason: 'no' };
  return new MatrixRequestError({ ...failure, retryable: status === null || status >= 500 });
}
