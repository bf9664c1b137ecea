import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { MatrixRequestError } from '#matrix/errors';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../../services/ingress/ingress-metrics.ts';
import type { Closing } from '../../services/ingress/rooms/close-sessions.ts';
import type { Followed } from '../../services/ingress/rooms/follow-upgrade.ts';
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

function refusal(status: number): MatrixRequestError {
  const failure = { method: 'GET', path: '/state', status, errcode: null, retryAfterMs: null, reason: 'no' };
  return new MatrixRequestError({ ...failure, retryable: status >= 500 });
}
