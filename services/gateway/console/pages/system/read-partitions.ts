import type { z } from 'zod';
import type { memberList, partition } from '../../../api/resources.ts';

export type Partition = z.infer<typeof partition>;
export type Member = z.infer<typeof memberList>['members'][number];
export type Group = Member['group'];

export const groups = ['graph', 'egress', 'clock'] as const satisfies readonly Group[];

/** Which group reads a stream; dead letters are read by people. */
const readers: Readonly<Record<string, Group>> = {
  inbound: 'graph',
  outbound: 'egress',
  approvals: 'egress',
  timers: 'clock',
};

export interface PartitionState {
  readonly partition: number;
  /** Not read yet, of all streams; null where Redis cannot tell for one of them. */
  readonly lag: number | null;
  readonly pending: number;
  /** How long the oldest entry has been without an outcome, in ms; null where there is none. */
  readonly oldestMs: number | null;
  readonly deadLetters: number;
  /** Who holds it for each group; null where nobody does. */
  readonly holders: Readonly<Record<Group, string | null>>;
  readonly epochs: Readonly<Record<Group, number>>;
  /** What is wrong with it, in words; empty where nothing is. */
  readonly problems: readonly string[];
  /** 0 nothing waits, 1 some, 2 many or long, 3 something is wrong. */
  readonly heat: 0 | 1 | 2 | 3;
}

const manyEntries = 50;
const longMs = 30_000;

/** What an operator wants to know of a partition. `nowMs` by the gateway's clock. */
export function readPartition(
  { partition: number, streams, leases }: Partition,
  nowMs: number,
): PartitionState {
  const live = streams.filter(({ stream }) => stream in readers);
  const lags = live.map(({ lag }) => lag);
  const lag = lags.includes(null) ? null : lags.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const pending = live.reduce((sum, one) => sum + one.pending, 0);
  const oldest = live.flatMap(({ oldestAt }) => (oldestAt === null ? [] : [Date.parse(oldestAt)]));
  const oldestMs = oldest.length === 0 ? null : Math.max(0, nowMs - Math.min(...oldest));
  const of = (group: Group) => leases.find((lease) => lease.group === group);
  const holders = mapGroups((group) => of(group)?.owner ?? null);
  const problems = [
    ...streams
      .filter(({ state }) => state === 'wrong type')
      .map(({ stream }) => `${stream} holds something else`),
    ...groups
      .filter((group) => holders[group] === null)
      .map((group) => `nobody holds it for ${groupName(group)}`),
  ];
  const waiting = (lag ?? 0) + pending;
  const isHot = waiting >= manyEntries || (oldestMs ?? 0) > longMs;
  return {
    partition: number,
    lag,
    pending,
    oldestMs,
    deadLetters: streams.find(({ stream }) => stream === 'dead')?.length ?? 0,
    holders,
    epochs: mapGroups((group) => of(group)?.epoch ?? 0),
    problems,
    heat: problems.length > 0 ? 3 : isHot ? 2 : waiting > 0 ? 1 : 0,
  };
}

/** What the members of a group are called. */
export function groupName(group: Group): string {
  return group === 'graph' ? 'workers' : group;
}

function mapGroups<T>(of: (group: Group) => T): Record<Group, T> {
  return { graph: of('graph'), egress: of('egress'), clock: of('clock') };
}
