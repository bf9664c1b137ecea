import type { Decoded } from '#contract/entry';
import { appendedAtOf, type Item } from './item.ts';
import type { JobResult } from './lanes.ts';
import { redisNow } from './redis-now.ts';
import { longestPauseMs } from './retry-pause.ts';
import type { RunDeps } from './run-deps.ts';
import { writeEnd } from './write-end.ts';

const defaultUnknownMs = 60 * 60 * 1_000;

/** Gives an entry up: it becomes a dead letter with every byte, and whom it concerns is told in the same commit. */
export async function buryEntry(
  deps: RunDeps,
  item: Item,
  reason: string,
  attempts: number,
): Promise<undefined> {
  const { options } = deps;
  const outputs = item.decoded.ok ? options.onDead(item.decoded.entry, reason) : [];
  await writeEnd(deps, item, { outputs }, { mode: 'dead', reason, attempts });
  options.metrics.dead.inc({ group: options.group });
  const { entryId: entry, stream } = item.found;
  options.log.error({ entry, stream, partition: item.held.partition, attempts, reason }, 'dead letter');
}

/** What cannot be read is buried; what a newer consumer may be able to read waits for it first. */
export async function buryUndecoded(
  deps: RunDeps,
  item: Item,
  { problem, reason }: Extract<Decoded, { ok: false }>,
): Promise<JobResult> {
  const { redis, metrics, group, unknownMs = defaultUnknownMs } = deps.options;
  switch (problem) {
    case 'forged':
      metrics.forged.inc({ group });
      return buryEntry(deps, item, reason, 1);
    case 'unreadable':
      return buryEntry(deps, item, `unreadable: ${reason}`, 1);
    case 'unknown': {
      const leftMs = appendedAtOf(item.found.entryId) + unknownMs - (await redisNow(redis));
      if (leftMs > 0) return { againMs: Math.min(leftMs, longestPauseMs) };
      return buryEntry(deps, item, `unknown ${reason}; no newer consumer came in ${unknownMs / 1000} s`, 1);
    }
    default:
      return problem satisfies never;
  }
}
