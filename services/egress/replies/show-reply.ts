import type { VagentContent } from '#contract/vagent-content';
import { editContent, type Message, messageContent } from '#matrix/render-message';
import type { Delivery } from '#streams/delivery';
import type { EntryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { OwnEvent } from '../sending/find-own-event.ts';
import type { PostedReply } from './posted-reply.ts';

/** A reply's place among the entries: its id, and what is known of it. */
export interface ReplyAt {
  readonly frame: EntryFrame;
  readonly reply: string;
  readonly posted: PostedReply;
  /** Who speaks: see {@link voiceIn}. */
  readonly agent: string | null;
}

/** Who is to speak in a reply of this agent: whoever has begun it, as long as they can. */
export function voiceIn(
  sender: Sender,
  delivery: Delivery,
  { frame, posted }: Pick<ReplyAt, 'frame' | 'posted'>,
  agent: string | null,
): Promise<string | null> {
  return sender.voiceOf(delivery, posted.hasBegun ? posted.agent : agent, frame.room);
}

/**
 * Makes the reply's first event show this message, and returns its id: by an edit where the event is known, else by
 * posting it. The post's key is the reply, not the entry, so that drafts and final text share one event. Where an
 * earlier post may have got through, the homeserver answers with that one and its older text: then an edit follows.
 * What somebody posted who cannot speak here any more is left as it is, and posted anew.
 */
export async function showReply(
  sender: Sender,
  delivery: Delivery,
  at: ReplyAt,
  message: Message,
): Promise<string> {
  const { posted } = at;
  if (posted.event !== undefined && posted.agent === at.agent) {
    await editReply(sender, delivery, at, posted.event, message);
    return posted.event;
  }
  const event = await postPart(sender, delivery, at, 0, message);
  if (posted.hasBegun) await editReply(sender, delivery, at, event, message);
  return event;
}

/** Posts one part of the reply as an event of its own, once. */
export function postPart(
  sender: Sender,
  delivery: Delivery,
  { frame, reply, agent }: Omit<ReplyAt, 'posted'>,
  part: number,
  message: Message,
): Promise<string> {
  const { room, turn } = frame;
  const kinds: readonly VagentContent['kind'][] = ['draft', 'reply', 'failed', 'status'];
  const isSame = ({ vagent, isEdit }: OwnEvent): boolean =>
    !isEdit &&
    kinds.includes(vagent.kind) &&
    vagent.session === message.vagent.session &&
    vagent.turn === turn &&
    (vagent.reply ?? vagent.turn) === reply &&
    (vagent.part ?? 0) === part;
  const extra = { ...(reply === turn ? {} : { reply }), ...(part === 0 ? {} : { part }) };
  const content = messageContent({ ...message, vagent: { ...message.vagent, ...extra } });
  const event = { room, type: 'm.room.message', content, key: ['reply', reply, part], agent } as const;
  return sender.send(delivery, event, isSame);
}

async function editReply(
  sender: Sender,
  delivery: Delivery,
  { frame, agent }: ReplyAt,
  target: string,
  message: Message,
): Promise<void> {
  const event = {
    room: frame.room,
    type: 'm.room.message',
    content: editContent(target, message),
    key: frame.key('edit'),
    agent,
  } as const;
  await sender.send(delivery, event, (own) => own.isEdit && frame.isOfEntry(own));
}
