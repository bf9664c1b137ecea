const mark = '~g';
/** Of a worker that can open what `sealSmall` wrote. Before the other mark, which releases before look for at the end. */
const smallMark = '~z';

/**
 * A worker's name in its group says the newest version of the graph that it knows, from the second on: workers of releases from
 * before there were versions know the first. It says too that it can read small records.
 */
export function memberOf(name: string, newest: number): string {
  return `${name}${smallMark}${newest <= 1 ? '' : `${mark}${newest}`}`;
}

/** The newest version that all of these workers know: what new work begins on while an upgrade is under way. */
export function commonVersion(members: readonly string[]): number {
  const versions = members.map((member) => Number(/~g(\d+)$/.exec(member)?.[1] ?? 1));
  return Math.min(...versions, Number.MAX_SAFE_INTEGER);
}

/** Whether every one of these workers can read small records; false where nobody is known yet. */
export function readSmall(members: readonly string[]): boolean {
  return members.length > 0 && members.every((member) => /~z(?:~g\d+)?$/.test(member));
}
