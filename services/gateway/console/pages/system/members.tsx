import type { JSX } from 'preact';
import type { z } from 'zod';
import type { memberList } from '../../../api/resources.ts';
import { Dot } from '../../components/badge.tsx';
import { Empty } from '../../components/empty.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { groups, type Member } from './read-partitions.ts';

const lateMs = 6_000;
const roles: Record<Member['group'], string> = { graph: 'worker', egress: 'egress', clock: 'clock' };

/** Every process that takes part, with what it holds. */
export function Members({ members, now }: z.infer<typeof memberList>): JSX.Element {
  const isLate = ({ lastSeenAt }: Member): boolean => Date.parse(now) - Date.parse(lastSeenAt) > lateMs;
  const columns: readonly Column<Member>[] = [
    {
      title: 'Process',
      cell: (one) => (
        <span class="member">
          <Dot tone={isLate(one) ? 'bad' : 'good'} />
          <span>
            <strong title={one.member}>{one.slot}</strong>
          </span>
        </span>
      ),
    },
    { title: 'Role', cell: ({ group }) => roles[group] },
    { title: 'Holds', isNumber: true, cell: ({ partitions }) => partitions.length },
    { title: 'Partitions', isWide: true, cell: ({ partitions }) => rangesOf(partitions) },
    { title: 'Heartbeat', cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
  ];
  const order = (one: Member): string => `${groups.indexOf(one.group)} ${one.slot}`;
  return (
    <Table
      label="Processes"
      columns={columns}
      rows={[...members].sort((a, b) => (order(a) < order(b) ? -1 : 1))}
      keyOf={({ member, group }) => `${group} ${member}`}
      empty={
        <Empty icon="warning" title="Nobody works">
          No worker, egress or clock has sent a heartbeat. Start them with <code>npm start</code>, or look at
          what <code>npx vagent doctor</code> says.
        </Empty>
      }
    />
  );
}

/** `[0, 1, 2, 5]` as `0–2, 5`. */
export function rangesOf(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ') || 'none';
}
