import type { EntryOf } from '#contract/entry';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { DeliveryMarks } from './delivery-mark.ts';
import type { DraftCadence } from './draft-cadence.ts';
import type { MessagesOf } from './long-answer.ts';
import type { PostedReplies } from './posted-reply.ts';
import type { Presence } from './show-presence.ts';
import { postPart, showReply, voiceIn } from './show-reply.ts';

export interface FinishReplyDeps {
  readonly sender: Sender;
  readonly messagesOf: MessagesOf;
  readonly replies: PostedReplies;
  readonly cadence: Pick<DraftCadence, 'forget'>;
  readonly presence: Pick<Presence, 'typing'>;
  readonly marks: DeliveryMarks;
}

/**
 * Posts the reply, or makes the event that showed its drafts show it. What one event cannot hold follows in further
 * ones, numbered, so that a repeated attempt goes on where the last one ended.
 */
export async function finishReply(
  deps: FinishReplyDeps,
  delivery: Delivery,
  entry: EntryOf<'reply.finished'>,
): Promise<Commit> {
  const { reply, replyTo } = entry.body;
  const frame = entryFrame(delivery, entry);
  deps.sender.ahead(delivery, frame.room);
  const posted = await deps.replies.read(delivery.partition, reply);
  const about = {
    msgtype: 'm.text',
    vagent: frame.vagent('reply'),
    place: { thread: frame.thread, replyTo },
    mentions: replyTo === null ? [] : [frame.asker],
  } as const;
  // An event without text shows as nothing at all.
  const text = entry.body.text.trim() === '' ? '…' : entry.body.text;
  const whole = { session: entry.session, room: frame.room, reply, text };
  const [first, ...more] = await deps.messagesOf(delivery, whole, about);
  const agent = await voiceIn(deps.sender, delivery, { frame, posted }, entry.body.agent ?? null);
  const at = { frame, reply, posted, agent };
  const event = await showReply(deps.sender, delivery, at, first);
  const parts: string[] = [];
  for (const [index, part] of more.entries()) {
    parts.push(await postPart(deps.sender, delivery, at, index + 1, part));
  }
  deps.cadence.forget(reply);
  const [cleared] = await Promise.all([
    deps.marks.clear(delivery, { room: frame.room, event: replyTo }),
    deps.presence.typing(frame.room, false, delivery.signal),
  ]);
  const writes = deps.replies.note(delivery.partition, reply, { event, parts, agent, isFinished: true });
  return { writes: [...writes, ...cleared], outcome: 'sent' };
}
