import { describeActions } from '#agents/actions/describe-action';
import type { PendingApproval } from './pending-approval.ts';

/** How the waiting requests of a conversation stand, at the time (ISO 8601) of the message that asked. */
export function sayStatus(pending: readonly PendingApproval[], at: string): string {
  if (pending.length === 0) return 'Nothing of yours is waiting for approval.';
  const lines = pending.map(
    ({ actions, since }) =>
      `${describeActions(actions)} has been waiting for a reviewer for ${duration(since, at)}`,
  );
  if (lines.length === 1) return `${lines[0]}. Write "cancel" to withdraw it.`;
  return `${lines.map((line) => `- ${line}`).join('\n')}\n\nWrite "cancel" to withdraw them.`;
}

function duration(since: string, at: string): string {
  const minutes = Math.floor((Date.parse(at) - Date.parse(since)) / 60_000);
  if (!(minutes >= 1)) return 'less than a minute';
  if (minutes < 120) return count(minutes, 'minute');
  return minutes < 48 * 60
    ? count(Math.floor(minutes / 60), 'hour')
    : count(Math.floor(minutes / 1440), 'day');
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
