const mark = '~g';

/**
 * A worker's name in its group says the newest version of the graph that it knows, from the second on: workers of releases from
 * before there were versions know the first.
 */
export function memberOf(name: string, newest: number): string {
  return newest <= 1 ? name : `${name}${mark}${newest}`;
}

/** The newest version that all of these workers know: what new work begins on while an upgrade is under way. */
export function commonVersion(members: readonly string[]): number {
  const versions = members.map((member) => Number(/~g(\d+)$/.exec(member)?.[1] ?? 1));
  return Math.min(...versions, Number.MAX_SAFE_INTEGER);
}
