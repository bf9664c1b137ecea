import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { MatrixRequestError } from '#matrix/errors';
import { joinRoom } from '#matrix/join-room';
import type { MatrixRequest } from '#matrix/matrix-client';
import { whoami } from '#matrix/whoami';
import type { RedisClient } from '#streams/redis-client';
import type { IngressMetrics } from '../ingress-metrics.ts';

export interface PendingJoinsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly userId: string;
  readonly request: MatrixRequest;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  /** Pause between two joins. */
  readonly spacingMs?: number;
  /** Pause when nothing is to be joined, or a join failed. */
  readonly idleMs?: number;
}

export interface PendingJoins {
  /** Keeps the room until it is joined or cannot be; survives this process. */
  add(room: string): Promise<void>;
  /** Tries each room once. Resolves to the pause that is due before the next call. */
  tick(signal: AbortSignal): Promise<number>;
  run(signal: AbortSignal): Promise<void>;
}

/** A room on a server that is gone answers with 502 for ever. */
const maxAttempts = 20;

/**
 * Joins the rooms of accepted invites beside the reading of events: a homeserver tells of an invite once, and lets
 * join only slowly.
 */
export function createPendingJoins(deps: PendingJoinsDeps): PendingJoins {
  const { redis, metrics, log, spacingMs = 250, idleMs = 5_000 } = deps;
  const key = `${deps.keys.sync(deps.userId)}:joins`;
  let wake = Promise.withResolvers<void>();

  const joins: PendingJoins = {
    async add(room) {
      await redis.hsetnx(key, room, 0);
      wake.resolve();
      wake = Promise.withResolvers();
    },
    async tick(signal) {
      for (const room of await redis.hkeys(key)) {
        try {
          await joinRoom(deps.request, room, signal);
          await redis.hdel(key, room);
          metrics.joins.inc({ outcome: 'joined' });
          log.info({ room }, 'Joined a room');
          await sleep(spacingMs, undefined, { signal });
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof MatrixRequestError && error.status === 429) {
            await sleep(error.retryAfterMs ?? idleMs, undefined, { signal });
            return spacingMs;
          }
          if (await isAboutUs(deps.request, error)) {
            log.warn({ err: error, room }, 'A room cannot be joined now, tries again');
            return idleMs;
          }
          await noteFailure(deps, key, room, error);
        }
      }
      return idleMs;
    },
    async run(signal) {
      while (!signal.aborted) {
        const added = wake.promise;
        try {
          const pauseMs = await joins.tick(signal);
          await Promise.race([sleep(pauseMs, undefined, { signal }), added]);
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ err: error }, 'Joining rooms failed, tries again');
          await sleep(idleMs, undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
  return joins;
}

/** Whether it says nothing of the room: the homeserver does not answer anything, or the token is void. */
async function isAboutUs(request: MatrixRequest, error: unknown): Promise<boolean> {
  if (!(error instanceof MatrixRequestError) || !(error.retryable || error.status === 401)) return false;
  return whoami(request).then(
    () => false,
    () => true,
  );
}

async function noteFailure(
  { redis, metrics, log }: PendingJoinsDeps,
  key: string,
  room: string,
  error: unknown,
): Promise<void> {
  if (!(error instanceof MatrixRequestError)) throw error;
  const attempts = await redis.hincrby(key, room, 1);
  if (error.retryable && attempts < maxAttempts) return;
  await redis.hdel(key, room);
  metrics.joins.inc({ outcome: 'failed' });
  log.warn({ room, err: error }, 'An invite was accepted, but the room cannot be joined: invite again');
}
