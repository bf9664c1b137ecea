import { getHeapSpaceStatistics } from 'node:v8';

export interface MemoryLook {
  /** The share of the time since the look before that the event loop worked, from 0 to 1. */
  readonly busy: number;
  /** What V8 holds for new objects, used or not. */
  readonly youngBytes: number;
}

/** Each look tells of the time since the one before. */
export function createMemoryLook(): () => MemoryLook {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    return { busy: utilization, youngBytes: young?.space_size ?? 0 };
  };
}
