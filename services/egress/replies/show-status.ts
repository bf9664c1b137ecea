import type { EntryOf } from '#contract/entry';
import { messageContent, type RenderedText } from '#matrix/render-message';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { DeliveryMarks } from './delivery-mark.ts';
import type { DraftCadence } from './draft-cadence.ts';
import type { PostedReplies } from './posted-reply.ts';
import type { RenderForPerson } from './render-for-person.ts';
import type { Presence } from './show-presence.ts';
import { showReply, voiceIn } from './show-reply.ts';

export interface ShowStatusDeps {
  readonly sender: Sender;
  readonly renderForPerson: RenderForPerson;
  readonly replies: PostedReplies;
  readonly cadence: Pick<DraftCadence, 'forget'>;
  readonly presence: Presence;
  readonly marks: DeliveryMarks;
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
      await Promise.all([
        ...(replyTo === null ? [] : [deps.presence.read(room, thread, replyTo, signal)]),
        deps.presence.typing(room, true, signal),
      ]);
      return { outcome: 'shown' };
    }
    case 'waiting': {
      const commit = await postStatus(deps, delivery, entry);
      await deps.presence.typing(room, false, signal);
      const marked = await deps.marks.waiting(delivery, { room, event: replyTo });
      return { ...commit, writes: [...(commit.writes ?? []), ...marked] };
    }
    case 'idle':
      await deps.presence.typing(room, false, signal);
      return { outcome: 'shown' };
    default:
      return state satisfies never;
  }
}

/** Posts the status; where drafts of the turn stand in the room, the first event is the one that showed them. */
async function postStatus(
  deps: ShowStatusDeps,
  delivery: Delivery,
  entry: EntryOf<'turn.status'>,
): Promise<Commit> {
  const { text, replyTo, approval } = entry.body;
  const frame = entryFrame(delivery, entry);
  deps.sender.ahead(delivery, frame.room);
  const body = text.trim() === '' ? 'This waits for a review.' : text;
  const about = {
    msgtype: 'm.notice',
    vagent: { ...frame.vagent('status'), ...(approval === null ? {} : { approval }) },
    place: { thread: frame.thread, replyTo },
    mentions: [],
  } as const;
  const [first = { body, html: body }, ...more] = await deps.renderForPerson(entry.session, body, about);
  const reply = frame.turn;
  const posted = await deps.replies.read(delivery.partition, reply);
  const hasDraft = posted.hasBegun && !posted.isFinished;
  const agent = await voiceIn(deps.sender, delivery, { frame, posted }, entry.body.agent ?? null);
  const post = (part: number, shown: RenderedText): Promise<string> => {
    const vagent = part === 0 ? about.vagent : { ...about.vagent, part };
    const content = messageContent({ ...about, vagent, text: shown });
    const key = frame.key(part === 0 ? 'status' : `status-${part}`);
    return deps.sender.send(
      delivery,
      { room: frame.room, type: 'm.room.message', content, key, agent },
      (own) => !own.isEdit && frame.isOfEntry(own) && (own.vagent.part ?? 0) === part,
    );
  };
  const event = hasDraft
    ? await showReply(deps.sender, delivery, { frame, reply, posted, agent }, { ...about, text: first })
    : await post(0, first);
  const parts: string[] = [];
  for (const [index, part] of more.entries()) parts.push(await post(index + 1, part));
  // A second event of a turn whose reply stands there: the first one is what is known of it.
  if (posted.isFinished) return { outcome: 'sent' };
  deps.cadence.forget(reply);
  return {
    writes: deps.replies.note(delivery.partition, reply, { event, parts, agent, isFinished: true }),
    outcome: 'sent',
  };
}
