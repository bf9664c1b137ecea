import { formatCost, formatCount } from '../overview/format-amount.ts';
import { formatDuration } from '../overview/format-duration.ts';
import type { Turn } from './tell-turns.ts';

const causes: Readonly<Record<string, string>> = {
  'message.received': 'message',
  'message.edited': 'edited message',
  'message.redacted': 'removed message',
  'edit.redacted': 'removed edit',
  'approval.decided': 'decision',
  'approval.expired': 'expired approval',
  'timer.fired': 'timer',
  'feedback.given': 'feedback',
  'session.reset': 'reset',
  'session.closed': 'room closed',
};

/** What began a turn, in a word or two. */
export function causeName(cause: string): string {
  return causes[cause] ?? cause;
}

/** The one line that stands for a turn's account while it is folded: `billing · 3 steps · 120 ms`. */
export function summariseTurn(turn: Turn): string[] {
  const { route, steps, tookMs, attempt, cost, usage, outcome } = turn;
  const tokens = tokensOf(turn);
  return [
    route.length > 0 ? route.join(' + ') : outcome.replaceAll('_', ' '),
    `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`,
    formatDuration(tookMs),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(usage.length > 0 ? [`${formatCount(tokens)} tokens`] : []),
    ...(cost > 0 ? [`cost ${formatCost(cost)}`] : []),
  ];
}

/** All tokens of all models of a turn. */
export function tokensOf({ usage }: Pick<Turn, 'usage'>): number {
  return usage.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
}

/** How long a message waited in its stream before the attempt that was committed, in milliseconds. */
export function waitedMs({ appendedAt, startedAt }: Pick<Turn, 'appendedAt' | 'startedAt'>): number {
  return Math.max(0, Date.parse(startedAt) - Date.parse(appendedAt));
}
