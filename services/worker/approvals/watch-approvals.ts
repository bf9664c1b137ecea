import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Approval } from '#contract/approval';
import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import { redisNow } from '#streams/redis-now';
import type { WorkerMetrics } from '../worker-metrics.ts';

export interface WatchApprovalsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** Undefined where the record is gone or cannot be read. */
  readonly readApproval: (partition: number, id: string) => Promise<Approval | undefined>;
  readonly held: () => readonly number[];
  readonly metrics: Pick<WorkerMetrics, 'open' | 'oldestOpen' | 'expiringSoon'>;
  readonly log: Logger;
  readonly everyMs?: number;
}

type Waiting = Pick<Approval, 'risk' | 'requestedAt' | 'expiresAt'>;

const soonMs = 10 * 60_000;

/**
 * Keeps the gauges of approvals that wait in the partitions that this worker holds, until `signal` is aborted. A record is
 * read once: when it was asked for and when it expires never changes.
 */
export async function watchApprovals(deps: WatchApprovalsDeps, signal: AbortSignal): Promise<void> {
  let known = new Map<string, Waiting>();
  while (!signal.aborted) {
    try {
      known = await look(deps, known);
    } catch (error) {
      deps.log.debug({ err: error }, 'open approvals could not be counted, trying again');
    }
    await sleep(deps.everyMs ?? 5_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function look(
  { redis, keys, held, readApproval, metrics }: WatchApprovalsDeps,
  known: ReadonlyMap<string, Waiting>,
): Promise<Map<string, Waiting>> {
  const found = await Promise.all(
    held().map(async (partition) => {
      const ids = await redis.hvals(keys.openApprovals(partition));
      return Promise.all(
        ids.map(async (id): Promise<[string, Waiting] | undefined> => {
          const record = known.get(id) ?? (await readApproval(partition, id));
          return record === undefined ? undefined : [id, record];
        }),
      );
    }),
  );
  const now = await redisNow(redis);
  const open = new Map(found.flat().filter((one) => one !== undefined));
  const all = [...open.values()];
  for (const risk of ['low', 'medium', 'high'] as const) {
    metrics.open.set({ risk }, all.filter((one) => one.risk === risk).length);
  }
  const oldest = Math.min(now, ...all.map(({ requestedAt }) => Date.parse(requestedAt)));
  metrics.oldestOpen.set((now - oldest) / 1_000);
  metrics.expiringSoon.set(all.filter(({ expiresAt }) => Date.parse(expiresAt) - now < soonMs).length);
  return open;
}
