import type { Approval } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import type { Output } from '#streams/commit';
import { outputsOf } from '../turns/outputs.ts';
import { decidersOf } from './deciders-of.ts';

/** The edited prompt notifies nobody: what needs somebody who looks is a message of its own. */
export function askToLook(
  entry: EntryOf<'approval.decided' | 'approval.expired'>,
  closed: Approval,
  replyTo: string | null,
): Output {
  const { id, status, actions } = closed;
  const names = [...new Set(actions.map(({ name }) => name))].join(', ');
  return outputsOf(entry)('approval.resolved', `${id}-unknown`, {
    approval: id,
    notice: 'unknown',
    status,
    by: decidersOf(closed),
    text: `it is not known whether ${names} took effect, and it is not run again by itself: somebody has to look, and to tell the person who asked`,
    replyTo,
  });
}
