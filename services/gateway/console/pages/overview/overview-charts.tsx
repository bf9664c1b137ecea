import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Sample } from '../../../api/resources.ts';
import { type Bin, binSamples } from './bin-samples.ts';
import { formatCount } from './format-amount.ts';
import { formatDuration } from './format-duration.ts';
import { TimeChart, type TimeChartProps } from './time-chart.tsx';

const hourMs = 3_600_000;
const shortestMs = 10 * 60_000;

export interface OverviewChartsProps {
  /** By the gateway's clock. */
  readonly now: number;
  readonly samples: readonly Sample[];
}

/** An hour of the system, or what there is of it. */
export function OverviewCharts({ now, samples }: OverviewChartsProps): JSX.Element {
  const first = Date.parse(samples[0]?.at ?? '');
  const seenMs = Math.min(Math.max(now - first, shortestMs), hourMs);
  // Lines of half a minute while there is little to see, of a minute over an hour.
  const binMs = seenMs <= 20 * 60_000 ? 20_000 : 60_000;
  const bins = useMemo(() => binSamples(samples, binMs), [samples, binMs]);
  const last = samples.at(-1);
  const common = { at: bins.map(({ at }) => at), binMs, range: [now - seenMs, now] as const };
  const line = { ...common, kind: 'line' as const, format: formatFigure };
  const of = (pick: (bin: Bin) => number | null) => bins.map(pick);
  const charts: TimeChartProps[] = [
    {
      ...line,
      title: 'Time to reply',
      now: last?.p50Ms == null ? 'none just now' : formatDuration(last.p50Ms),
      format: (ms) => (ms === 0 ? '0' : formatDuration(ms)),
      series: [
        { name: 'half are faster', tone: 'main', values: of(({ p50Ms }) => p50Ms) },
        { name: '95 % are faster', tone: 'warn', values: of(({ p95Ms }) => p95Ms) },
      ],
    },
    {
      ...line,
      title: 'Messages and replies',
      now: `${formatFigure(bins.at(-1)?.messagesPerMinute ?? 0)} a minute`,
      series: [
        { name: 'messages a minute', tone: 'main', values: of((bin) => bin.messagesPerMinute) },
        { name: 'replies a minute', tone: 'good', values: of((bin) => bin.repliesPerMinute) },
      ],
    },
    {
      ...line,
      title: 'Waiting in the streams',
      now: formatCount((last?.lag ?? 0) + (last?.pending ?? 0)),
      series: [
        { name: 'not read yet', tone: 'main', values: of(({ lag }) => lag) },
        { name: 'in work', tone: 'calm', values: of(({ pending }) => pending) },
      ],
    },
    {
      ...line,
      title: 'Oldest without an outcome',
      now: formatDuration((last?.oldestSeconds ?? 0) * 1_000),
      format: (ms) => (ms === 0 ? '0' : formatDuration(ms)),
      series: [{ name: 'age', tone: 'main', values: of(({ oldestSeconds }) => oldestSeconds * 1_000) }],
    },
    {
      ...line,
      title: 'Approvals that wait',
      now: formatCount(last?.openApprovals ?? 0),
      series: [{ name: 'open', tone: 'warn', values: of(({ openApprovals }) => openApprovals) }],
    },
    {
      ...line,
      kind: 'bars',
      title: 'Decisions',
      now: `${formatCount(sum(bins, (bin) => bin.approved + bin.edited + bin.rejected))} in all`,
      series: [
        { name: 'approved', tone: 'good', values: of(({ approved }) => approved) },
        { name: 'edited', tone: 'warn', values: of(({ edited }) => edited) },
        { name: 'rejected', tone: 'bad', values: of(({ rejected }) => rejected) },
      ],
    },
    {
      ...line,
      kind: 'bars',
      title: 'Turns that failed',
      now: `${formatCount(sum(bins, ({ failures }) => failures))} in all`,
      series: [{ name: 'failed', tone: 'bad', values: of(({ failures }) => failures) }],
    },
    {
      ...line,
      title: 'Dead letters',
      now: formatCount(last?.deadLetters ?? 0),
      series: [{ name: 'given up', tone: 'bad', values: of(({ deadLetters }) => deadLetters) }],
    },
  ];
  return (
    <div class="plots">
      {charts.map((chart) => (
        <TimeChart key={chart.title} {...chart} />
      ))}
    </div>
  );
}

/** Counts whole, rates with one digit where they are small. */
function formatFigure(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);
}

function sum(bins: readonly Bin[], of: (bin: Bin) => number): number {
  return bins.reduce((all, bin) => all + of(bin), 0);
}
