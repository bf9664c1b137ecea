import type { Group } from '#contract/keys';
import { groups, readLeases } from '#operations/streams/read-leases';
import type { Transport } from '#streams/open-transport';

/** A process that takes part in a group, as its heartbeats tell. */
export interface Member {
  readonly member: string;
  /** The name that its operator gave it. */
  readonly slot: string;
  readonly group: Group;
  readonly lastSeenAt: string;
  /** What it holds the lease of. */
  readonly partitions: number[];
}

/** Everybody who was heard of lately, group by group. `nowMs` by Redis' clock. */
export async function readMembers(transport: Transport, nowMs: number): Promise<Member[]> {
  const [leases, ...listed] = await Promise.all([
    readLeases(transport, nowMs),
    ...groups.map((group) => transport.redis.zrange(transport.keys.members(group), '0', '-1', 'WITHSCORES')),
  ]);
  return groups.flatMap((group, index) =>
    pairs(listed[index] ?? []).map(([member, seenAt]) => ({
      member,
      slot: slotOf(member),
      group,
      lastSeenAt: new Date(seenAt).toISOString(),
      partitions: leases
        .filter((lease) => lease.group === group && lease.owner === member)
        .map(({ partition }) => partition),
    })),
  );
}

/** A member is called `<slot>-<pid>-<hex>`, and what its version adds. */
function slotOf(member: string): string {
  return /^(.+)-\d+-[0-9a-f]+(~.*)?$/.exec(member)?.[1] ?? member;
}

function pairs(flat: readonly string[]): [string, number][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[name, Number(flat[index + 1] ?? 0)] satisfies [string, number]] : [],
  );
}
