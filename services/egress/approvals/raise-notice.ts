import type { Body } from '#contract/bodies';
import type { EntryOf } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { messageContent, type RenderedText } from '#matrix/render-message';
import { renderReply } from '#matrix/render-reply';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { PostedReplies } from '../replies/posted-reply.ts';
import type { Sender } from '../sending/create-sender.ts';
import { type FindPromptDeps, findPrompt } from './find-prompt.ts';

export interface RaiseNoticeDeps extends FindPromptDeps {
  readonly sender: Sender;
  /** Also of notices, under their ids. */
  readonly replies: PostedReplies;
  readonly erase: { readonly keys: Keys };
}

/**
 * Tells the admin room something that nobody asked for: in the thread of the approval's prompt where there is one, else
 * as a message of its own. Nobody is notified by name. Or takes back what it has told so.
 */
export async function raiseNotice(
  deps: RaiseNoticeDeps,
  delivery: Delivery,
  entry: EntryOf<'notice.raised'>,
): Promise<Commit> {
  const { text, approval, withdraws } = entry.body;
  if (withdraws !== undefined) return withdraw(deps, delivery, withdraws);
  if (text.trim() === '') return { outcome: 'empty' };
  const frame = entryFrame(delivery, entry);
  const prompt = approval === null ? undefined : await findPrompt(deps, delivery, approval);
  const about = {
    msgtype: 'm.notice',
    vagent: { ...frame.vagent('status'), ...(approval === null ? {} : { approval }) },
    place: { thread: prompt?.event ?? null, replyTo: null },
    mentions: [],
  } as const;
  const post = (part: number, shown: RenderedText): Promise<string> => {
    const vagent = part === 0 ? about.vagent : { ...about.vagent, part };
    const content = messageContent({ ...about, vagent, text: shown });
    const key = frame.key(part === 0 ? 'notice' : `notice-${part}`);
    return deps.sender.send(
      delivery,
      { room: deps.adminRoom, type: 'm.room.message', content, key },
      (own) => !own.isEdit && frame.isOfEntry(own) && (own.vagent.part ?? 0) === part,
    );
  };
  const events: string[] = [];
  for (const [part, shown] of renderReply(text, about).entries()) events.push(await post(part, shown));
  const [event = '', ...parts] = events;
  const writes = deps.replies.note(delivery.partition, entry.id, { event, parts, isFinished: true });
  return { writes, outcome: 'sent' };
}

/** It comes behind the notice in the lane of the admin room: what is not known of it by now was never posted. */
async function withdraw(
  { sender, replies, adminRoom: room, erase }: RaiseNoticeDeps,
  delivery: Delivery,
  { notice, entry }: NonNullable<Body<'notice.raised'>['withdraws']>,
): Promise<Commit> {
  const { partition } = delivery;
  const { event, parts } = await replies.read(partition, notice);
  const events = event === undefined ? [] : [event, ...parts];
  for (const posted of events) await sender.redact(delivery, { room, event: posted, agent: null });
  const key = erase.keys.stream(partition, 'approvals');
  return {
    writes: [{ command: 'XDEL', key, args: [entry] }],
    outcome: events.length > 0 ? 'withdrawn' : 'nothing_posted',
  };
}
