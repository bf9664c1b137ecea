import type { EntryOf } from '#contract/entry';
import { messageContent } from '#matrix/render-message';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { FinishReplyDeps } from './finish-reply.ts';
import type { RenderForPerson } from './render-for-person.ts';
import { showReply, voiceIn } from './show-reply.ts';

export interface TellFailureDeps extends Omit<FinishReplyDeps, 'messagesOf'> {
  readonly renderForPerson: RenderForPerson;
}

/** Says that there will be no reply, in place of the drafts that the turn has shown, if any. */
export async function tellFailure(
  deps: TellFailureDeps,
  delivery: Delivery,
  entry: EntryOf<'turn.failed'>,
): Promise<Commit> {
  const { text, replyTo } = entry.body;
  const frame = entryFrame(delivery, entry);
  const reply = frame.turn;
  deps.sender.ahead(delivery, frame.room);
  const posted = await deps.replies.read(delivery.partition, reply);
  const about = {
    msgtype: 'm.notice',
    vagent: frame.vagent('failed'),
    place: { thread: frame.thread, replyTo },
    mentions: replyTo === null ? [] : [frame.asker],
  } as const;
  const told = text.trim() === '' ? 'Something went wrong, and there is no reply.' : text;
  const [first = { body: told, html: told }] = await deps.renderForPerson(entry.session, told, about);
  const unanswered = { room: frame.room, event: replyTo };
  if (posted.isFinished) {
    // A reply stands there already: what failed came after it.
    const content = messageContent({ ...about, text: first });
    const event = { room: frame.room, type: 'm.room.message', content, key: frame.key('failed') } as const;
    await deps.sender.send(delivery, event, (own) => !own.isEdit && frame.isOfEntry(own));
    return { writes: await deps.marks.failed(delivery, unanswered), outcome: 'sent' };
  }
  const agent = await voiceIn(deps.sender, delivery, { frame, posted }, null);
  const at = { frame, reply, posted, agent };
  const event = await showReply(deps.sender, delivery, at, { ...about, text: first });
  deps.cadence.forget(reply);
  await deps.presence.typing(frame.room, false, delivery.signal);
  const marked = await deps.marks.failed(delivery, unanswered);
  const writes = deps.replies.note(delivery.partition, reply, { event, agent, isFinished: true });
  return { writes: [...writes, ...marked], outcome: 'sent' };
}
