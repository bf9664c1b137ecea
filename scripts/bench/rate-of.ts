/** Runs `count` jobs, `atOnce` of them at a time, and resolves to how many were done in a second. */
export async function rateOf(
  count: number,
  atOnce: number,
  job: (number: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return count / ((performance.now() - startedAt) / 1000);
}
