import type { StreamName } from '#contract/bodies';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError } from './errors.ts';
import { reconcileAccepted } from './partition-reader.ts';
import { loadScript, runScript } from './script.ts';

const trim = loadScript(new URL('trim.lua', import.meta.url));

/** The groups that read each stream: nothing is trimmed before all of them have finished with it. */
const readers: Record<StreamName, readonly string[]> = {
  inbound: ['graph'],
  outbound: ['egress'],
  approvals: ['egress'],
  timers: ['clock'],
};

/**
 * Housekeeping of one held partition: finds accepted entries that somebody dropped, and trims what is finished.
 * Returns true when there is something pending to take over again. A moved lease ends it without a sound.
 */
export async function keepHouse(
  options: ConsumerOptions,
  partition: number,
  epoch: number,
): Promise<boolean> {
  try {
    // First: what is pending again is safe from trimming.
    const isRestored = options.streams.includes('inbound') && (await restore(options, partition, epoch));
    for (const stream of options.streams) await trimStream(options, partition, stream);
    return isRestored;
  } catch (error) {
    if (error instanceof FencedError) return false;
    throw error;
  }
}

async function restore(options: ConsumerOptions, partition: number, epoch: number): Promise<boolean> {
  const { group, metrics, log, onLost } = options;
  const reader = { maxEntryBytes: Number.MAX_SAFE_INTEGER, ...options };
  const { restored, lost } = await reconcileAccepted(reader, partition, epoch);
  metrics.restored.inc({ group }, restored);
  metrics.lost.inc({ group }, lost.length);
  for (const one of lost) onLost(one);
  if (restored > 0) {
    log.error({ partition, restored }, 'accepted entries had been dropped and are pending again');
  }
  return restored > 0;
}

async function trimStream(options: ConsumerOptions, partition: number, stream: StreamName): Promise<void> {
  const { redis, keys, group, metrics } = options;
  const args = [options.retainMs ?? 24 * 60 * 60 * 1000, ...readers[stream]];
  const trimmed = await runScript(redis, trim, [keys.stream(partition, stream)], args);
  metrics.trimmed.inc({ group }, Number(trimmed));
}
