import type { JSX } from 'preact';
import { formatDuration } from '../overview/format-duration.ts';
import type { PartitionState } from './read-partitions.ts';

const levels = ['nothing waits', 'some wait', 'many wait, or long', 'something is wrong'] as const;

/** All partitions in one look: the warmer, the more waits. The table below tells the same in words. */
export function HeatStrip({ states }: { readonly states: readonly PartitionState[] }): JSX.Element {
  const counts = levels.map((_, heat) => states.filter((state) => state.heat === heat).length);
  return (
    <figure class="heat">
      <div class="heat-cells" role="img" aria-label={`${states.length} partitions: ${tellCounts(counts)}`}>
        {states.map((state) => (
          <span key={state.partition} class={`heat-${state.heat}`} title={titleOf(state)}>
            {state.partition}
          </span>
        ))}
      </div>
      <figcaption>
        {levels.map((level, heat) => (
          <span key={level}>
            <i class={`heat-key heat-${heat}`} aria-hidden="true" />
            {level} <b>{counts[heat]}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function tellCounts(counts: readonly number[]): string {
  return levels.flatMap((level, heat) => (counts[heat] ? [`${counts[heat]} where ${level}`] : [])).join(', ');
}

function titleOf({ partition, lag, pending, oldestMs, holders, problems }: PartitionState): string {
  const age = oldestMs === null ? '' : `, the oldest for ${formatDuration(oldestMs)}`;
  const waits = `${lag ?? 'unknown'} not read, ${pending} in work${age}`;
  return [`Partition ${partition}`, waits, `worker ${holders.graph ?? 'nobody'}`, ...problems].join('\n');
}
