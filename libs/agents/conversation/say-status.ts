import { describePending } from './describe-pending.ts';
import type { PendingApproval } from './pending-approval.ts';
import type { Situation } from './situation.ts';

/** How the requests and flows of a conversation stand, at the time (ISO 8601) of the message that asked. */
export function sayStatus(pending: readonly PendingApproval[], { dialogue }: Situation, at: string): string {
  const waiting = sayPending(pending, at);
  const names = dialogue.stack.map(({ flow }) => flow.replaceAll('_', ' '));
  const active = names.pop();
  if (active === undefined) return waiting;
  const paused = names.length > 0 ? `, with ${new Intl.ListFormat('en').format(names)} paused` : '';
  const open = `We are in the middle of ${active}${paused}.`;
  return pending.length === 0 ? open : `${open} ${waiting}`;
}

function sayPending(pending: readonly PendingApproval[], at: string): string {
  if (pending.length === 0) return 'Nothing of yours is waiting for approval.';
  const lines = pending.map(
    (one) =>
      `${capitalise(describePending(one))} has been waiting for a reviewer for ${duration(one.since, at)}`,
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

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
