import type { Entry } from '#contract/entry';
import type { Output } from '#streams/commit';

/**
 * What the people concerned are told when egress gives an entry up: whoever waits for an approval that no reviewer
 * was asked for. Of the rest nothing can be told, since the room it was for is the one that cannot be reached.
 */
export function tellUndelivered(entry: Entry, reason: string): readonly Output[] {
  if (entry.type !== 'approval.requested') return [];
  const { replyTo } = entry.body.approval;
  const text =
    'This needs an approval, but the reviewers could not be asked, so it does not run. The operator has been told.';
  const { id, session, turn, at } = entry;
  const failed = { type: 'turn.failed', id: `${id}:undelivered`, session, turn, at } as const;
  return [{ stream: 'outbound', entry: { ...failed, body: { replyTo, reason, text } } }];
}
