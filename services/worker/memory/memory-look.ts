import process from 'node:process';
import { getHeapSpaceStatistics } from 'node:v8';

export interface MemoryLook {
  /** The share of one core that the process used since the look before. Above 1 where several threads worked. */
  readonly busy: number;
  /** What V8 holds for new objects, used or not. */
  readonly youngBytes: number;
}

/**
 * Each look tells of the time since the one before. Processor time and not how long the event loop was away: on a machine that is
 * full, a process that does little is away for long.
 */
export function createMemoryLook(): () => MemoryLook {
  let lastAt = performance.now();
  let last = process.cpuUsage();
  return () => {
    const now = performance.now();
    const used = process.cpuUsage(last);
    const busy = (used.user + used.system) / 1_000 / Math.max(now - lastAt, 1);
    lastAt = now;
    last = process.cpuUsage();
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    return { busy, youngBytes: young?.space_size ?? 0 };
  };
}
