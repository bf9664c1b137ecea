export interface Speed {
  /** Per second. */
  readonly rate: number;
  /** Of all threads of this process, in microseconds. */
  readonly cpuEach: number;
}

/** How fast `count` things are done by the wall clock, and what processor time this process spends on each. */
export async function measureSpeed(count: number, work: () => Promise<unknown>): Promise<Speed> {
  const usedBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(usedBefore);
  return { rate: count / seconds, cpuEach: (user + system) / count };
}
