import type { EntryOf } from '#contract/entry';
import { markdownToHtml } from '#matrix/markdown-to-html';
import { messageContent } from '#matrix/render-message';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { Sender } from './create-sender.ts';
import { entryFrame } from './entry-frame.ts';
import type { Presence } from './show-presence.ts';

export interface ShowStatusDeps {
  readonly sender: Sender;
  readonly presence: Presence;
  readonly redisNow: () => Promise<number>;
}

/** Later than this, nobody wonders any more whether the message was seen. */
const freshMs = 30_000;

/** Typing and read receipt while the turn runs; a notice in the room while it waits for a review. */
export async function showStatus(
  deps: ShowStatusDeps,
  delivery: Delivery,
  entry: EntryOf<'turn.status'>,
): Promise<Commit> {
  const { state, replyTo } = entry.body;
  const { room, thread } = entryFrame(delivery, entry);
  const { signal } = delivery;
  switch (state) {
    case 'typing': {
      const isOver = delivery.waiting().some((next) => next.session === entry.session);
      if (isOver || (await deps.redisNow()) - delivery.appendedAt > freshMs) return { outcome: 'superseded' };
      if (replyTo !== null) await deps.presence.read(room, thread, replyTo, signal);
      await deps.presence.typing(room, true, signal);
      return { outcome: 'shown' };
    }
    case 'waiting':
      await postStatus(deps.sender, delivery, entry);
      await deps.presence.typing(room, false, signal);
      return { outcome: 'sent' };
    case 'idle':
      await deps.presence.typing(room, false, signal);
      return { outcome: 'shown' };
    default:
      return state satisfies never;
  }
}

async function postStatus(sender: Sender, delivery: Delivery, entry: EntryOf<'turn.status'>): Promise<void> {
  const { text, replyTo, approval } = entry.body;
  const frame = entryFrame(delivery, entry);
  const body = text.trim() === '' ? 'This waits for a review.' : text;
  const content = messageContent({
    msgtype: 'm.notice',
    text: { body, html: markdownToHtml(body) },
    vagent: { ...frame.vagent('status'), ...(approval === null ? {} : { approval }) },
    place: { thread: frame.thread, replyTo },
    mentions: [],
  });
  const event = { room: frame.room, type: 'm.room.message', content, key: frame.key('status') } as const;
  await sender.send(delivery, event, (own) => !own.isEdit && frame.isOfEntry(own));
}
