import type { JSX } from 'preact';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../overview/format-amount.ts';
import { formatDuration } from '../overview/format-duration.ts';
import type { Group, PartitionState } from './read-partitions.ts';

export interface PartitionTableProps {
  readonly states: readonly PartitionState[];
  /** The short name of a member. */
  slotOf(member: string): string;
  readonly isAll: boolean;
  showAll(): void;
}

/** Partitions in words. Those where nothing happens are folded away while there are many. */
export function PartitionTable({ states, slotOf, isAll, showAll }: PartitionTableProps): JSX.Element {
  const busy = states.filter(({ heat, deadLetters }) => heat > 0 || deadLetters > 0);
  const isFolding = states.length > 8;
  return (
    <>
      <Table
        label="Partitions"
        columns={columnsOf(
          slotOf,
          states.some(({ problems }) => problems.length > 0),
        )}
        rows={isFolding && !isAll ? busy : states}
        keyOf={({ partition }) => String(partition)}
        empty={
          <Empty icon="check" title="All at rest">
            Nothing waits in any partition, and each one is held.
          </Empty>
        }
      />
      {isFolding && (
        <p class="table-foot">
          <Button size="small" pressed={isAll} onClick={showAll}>
            {isAll ? 'Only those where something happens' : `All ${states.length} partitions`}
          </Button>
        </p>
      )}
    </>
  );
}

const holder = (
  group: Group,
  title: string,
  slotOf: PartitionTableProps['slotOf'],
): Column<PartitionState> => ({
  title,
  cell: ({ holders, epochs }) => {
    const owner = holders[group];
    return owner === null ? (
      <Badge tone="bad">nobody</Badge>
    ) : (
      <span class="holder" title={owner}>
        {slotOf(owner)} <small>epoch {epochs[group]}</small>
      </span>
    );
  },
});

const figures: readonly Column<PartitionState>[] = [
  { title: 'Partition', cell: ({ partition }) => <strong>{partition}</strong> },
  { title: 'Not read', isNumber: true, cell: ({ lag }) => (lag === null ? 'unknown' : formatCount(lag)) },
  { title: 'In work', isNumber: true, cell: ({ pending }) => formatCount(pending) },
  {
    title: 'Oldest',
    isNumber: true,
    cell: ({ oldestMs }) => (oldestMs === null ? '–' : formatDuration(oldestMs)),
  },
  {
    title: 'Dead letters',
    isNumber: true,
    cell: ({ deadLetters }) =>
      deadLetters === 0 ? '–' : <Badge tone="bad">{formatCount(deadLetters)}</Badge>,
  },
];

const problemsColumn: Column<PartitionState> = {
  title: 'Problems',
  cell: ({ problems }) =>
    problems.map((one) => (
      <Badge key={one} tone="bad">
        {one}
      </Badge>
    )),
};

function columnsOf(
  slotOf: PartitionTableProps['slotOf'],
  hasProblems: boolean,
): readonly Column<PartitionState>[] {
  return [
    ...figures,
    holder('graph', 'Worker', slotOf),
    holder('egress', 'Egress', slotOf),
    holder('clock', 'Clock', slotOf),
    ...(hasProblems ? [problemsColumn] : []),
  ];
}
