/** The CPU time of this process so far, in milliseconds: on a busy machine work takes longer, but not more of it. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
