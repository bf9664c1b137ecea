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

type Figures = Pick<TimeChartProps, 'title' | 'now' | 'kind' | 'series' | 'format' | 'isWhole'>;

/** An hour of the system, or what there is of it. */
export function OverviewCharts({ now, samples }: OverviewChartsProps): JSX.Element {
  const first = Date.parse(samples[0]?.at ?? '');
  const seenMs = Math.min(Math.max(now - first, shortestMs), hourMs);
  // Short stretches while there is little to see, minutes over an hour.
  const binMs = seenMs <= 20 * 60_000 ? 20_000 : 60_000;
  const bins = useMemo(() => binSamples(samples, binMs), [samples, binMs]);
  const last = samples.at(-1);
  const common = { at: bins.map(({ at }) => at), binMs, range: [now - seenMs, now] as const };
  return (
    <div class="plots">
      {[
        ...speedOf(bins, last),
        ...backlogOf(bins, last),
        ...approvalsOf(bins, last),
        ...failuresOf(bins, last),
      ].map((figures) => (
        <TimeChart key={figures.title} {...common} {...figures} />
      ))}
    </div>
  );
}

function speedOf(bins: readonly Bin[], last: Sample | undefined): Figures[] {
  return [
    {
      kind: 'line',
      isWhole: true,
      title: 'Time to reply',
      now: last?.p50Ms == null ? 'none just now' : formatDuration(last.p50Ms),
      format: formatMark,
      series: [
        { name: 'half are faster', tone: 'main', values: bins.map(({ p50Ms }) => p50Ms) },
        { name: '95 % are faster', tone: 'warn', values: bins.map(({ p95Ms }) => p95Ms) },
      ],
    },
    {
      kind: 'line',
      title: 'Messages and replies',
      now: `${formatFigure(bins.at(-1)?.messagesPerMinute ?? 0)} a minute`,
      format: formatFigure,
      series: [
        { name: 'messages a minute', tone: 'main', values: bins.map((bin) => bin.messagesPerMinute) },
        { name: 'replies a minute', tone: 'good', values: bins.map((bin) => bin.repliesPerMinute) },
      ],
    },
  ];
}

function backlogOf(bins: readonly Bin[], last: Sample | undefined): Figures[] {
  return [
    {
      kind: 'line',
      isWhole: true,
      title: 'Waiting in the streams',
      now: formatCount((last?.lag ?? 0) + (last?.pending ?? 0)),
      format: formatCount,
      series: [
        { name: 'not read yet', tone: 'main', values: bins.map(({ lag }) => lag) },
        { name: 'in work', tone: 'calm', values: bins.map(({ pending }) => pending) },
      ],
    },
    {
      kind: 'line',
      isWhole: true,
      title: 'Oldest without an outcome',
      now: formatDuration((last?.oldestSeconds ?? 0) * 1_000),
      format: formatMark,
      series: [{ name: 'age', tone: 'main', values: bins.map(({ oldestSeconds }) => oldestSeconds * 1_000) }],
    },
  ];
}

function approvalsOf(bins: readonly Bin[], last: Sample | undefined): Figures[] {
  return [
    {
      kind: 'line',
      isWhole: true,
      title: 'Approvals that wait',
      now: formatCount(last?.openApprovals ?? 0),
      format: formatCount,
      series: [{ name: 'open', tone: 'warn', values: bins.map(({ openApprovals }) => openApprovals) }],
    },
    {
      kind: 'bars',
      isWhole: true,
      title: 'Decisions',
      now: `${formatCount(sum(bins, (bin) => bin.approved + bin.edited + bin.rejected))} in all`,
      format: formatCount,
      series: [
        { name: 'approved', tone: 'good', values: bins.map(({ approved }) => approved) },
        { name: 'edited', tone: 'warn', values: bins.map(({ edited }) => edited) },
        { name: 'rejected', tone: 'bad', values: bins.map(({ rejected }) => rejected) },
      ],
    },
  ];
}

function failuresOf(bins: readonly Bin[], last: Sample | undefined): Figures[] {
  return [
    {
      kind: 'bars',
      isWhole: true,
      title: 'Turns that failed',
      now: `${formatCount(sum(bins, ({ failures }) => failures))} in all`,
      format: formatCount,
      series: [{ name: 'failed', tone: 'bad', values: bins.map(({ failures }) => failures) }],
    },
    {
      kind: 'line',
      isWhole: true,
      title: 'Dead letters',
      now: formatCount(last?.deadLetters ?? 0),
      format: formatCount,
      series: [{ name: 'given up', tone: 'bad', values: bins.map(({ deadLetters }) => deadLetters) }],
    },
  ];
}

/** Counts whole, rates with one digit where they are small. */
function formatFigure(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);
}

function formatMark(ms: number): string {
  return ms === 0 ? '0' : formatDuration(ms);
}

function sum(bins: readonly Bin[], of: (bin: Bin) => number): number {
  return bins.reduce((all, bin) => all + of(bin), 0);
}
