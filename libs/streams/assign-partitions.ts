import { createHash } from 'node:crypto';

/**
 * Which partitions each member should hold: rendezvous hashing with a bound of `ceil(partitions / members)`.
 *
 * Every member computes the same answer from the same list, whatever its order. When a member comes or goes,
 * few partitions move. Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998,
 * with the bounded loads of Mirrokni, Thorup and Zadimoghaddam, 2018.
 */
export function assignPartitions(members: readonly string[], partitions: number): Map<string, number[]> {
  const assigned = new Map(members.map((member): [string, number[]] => [member, []]));
  if (members.length === 0) return assigned;
  const bound = Math.ceil(partitions / members.length);
  for (let partition = 0; partition < partitions; partition++) {
    const ranked = members
      .map((member) => ({ member, score: scoreOf(member, partition) }))
      .sort((a, b) => (a.score < b.score ? 1 : -1));
    const home = ranked.find(({ member }) => (assigned.get(member)?.length ?? bound) < bound);
    if (home !== undefined) assigned.get(home.member)?.push(partition);
  }
  return assigned;
}

function scoreOf(member: string, partition: number): string {
  return createHash('sha1').update(`${partition}\0${member}`).digest('hex');
}
