import type { Overview } from '#operations/overview/read-overview';
import { formatDuration } from '../cli/format-duration.ts';

/** The whole system in a handful of figures, each with its name. */
export function summaryOf(
  now: Overview,
  before: Overview | undefined,
): readonly (readonly [string, string])[] {
  const groups = now.streams.flatMap(({ group }) => (group === null ? [] : [group]));
  const lag = groups.reduce((sum, one) => sum + (one.lag ?? 0), 0);
  const pending = groups.reduce((sum, one) => sum + one.pending, 0);
  const oldest = Math.min(...groups.map(({ oldestAt }) => oldestAt ?? Number.POSITIVE_INFINITY));
  const dead = now.streams.reduce((sum, one) => sum + (one.stream === 'dead' ? one.length : 0), 0);
  const { p50, p99, cost } = now.speed;
  return [
    ['turns/s', before === undefined ? '–' : rateOf(now, before)],
    [
      'latency',
      p50 === null || p99 === null ? '–' : `${formatDuration(p50)} p50, ${formatDuration(p99)} p99`,
    ],
    ['oldest', Number.isFinite(oldest) ? formatDuration(Math.max(0, now.at - oldest)) : '–'],
    ['lag', String(lag)],
    ['pending', String(pending)],
    ['approvals', String(now.approvals.length)],
    ['dead', String(dead)],
    ['workers', String(now.members.filter(({ group }) => group === 'graph').length)],
    ...(cost > 0 ? [['cost/min', cost.toFixed(4)] as const] : []),
  ];
}

/** A group that was made anew begins to count anew: no rate then. */
function rateOf(now: Overview, before: Overview): string {
  const seconds = (now.at - before.at) / 1_000;
  const rate = seconds <= 0 ? 0 : Math.max(0, now.finished - before.finished) / seconds;
  return rate >= 100 ? rate.toFixed(0) : rate.toFixed(1);
}
