import type { Logger } from 'pino';
import { z } from 'zod';
import type { EntryOf } from '#contract/entry';
import { erasedWords } from '#contract/erased';
import { eventId } from '#contract/matrix-ids';
import { MatrixRequestError } from '#matrix/errors';
import { editContent, type Message, messageContent } from '#matrix/render-message';
import { renderOutcome } from '#matrix/render-outcome';
import { renderPlain } from '#matrix/render-plain';
import type { Place } from '#matrix/render-relation';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import { type FindPromptDeps, findPrompt } from './find-prompt.ts';

export interface ResolveApprovalDeps extends FindPromptDeps {
  readonly sender: Sender;
  readonly log: Logger;
}

/** Shows the outcome in the prompt itself, or answers whoever sent a decision that changed nothing yet. */
export async function resolveApproval(
  deps: ResolveApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.resolved'>,
): Promise<Commit> {
  if (entry.body.notice === 'outcome') {
    const isErased = entry.body.text.endsWith(erasedWords);
    return isErased ? takeBack(deps, delivery, entry) : showOutcome(deps, delivery, entry);
  }
  const { text, replyTo } = entry.body;
  const message: Message = {
    ...about(delivery, entry),
    text: renderPlain(text),
    place:
      replyTo === null ? await underPrompt(deps, delivery, entry) : await beside(deps, delivery, replyTo),
  };
  await send(deps, delivery, entry, messageContent(message));
  return { outcome: 'sent' };
}

/** The prompt quotes a message that was redacted: it goes like it. */
async function takeBack(
  deps: ResolveApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.resolved'>,
): Promise<Commit> {
  const { approval, status } = entry.body;
  const { partition } = delivery;
  const known = await deps.prompts.read(partition, approval);
  const found = known ?? (await findPrompt(deps, delivery, approval));
  if (found === undefined) return { outcome: 'nothing_posted' };
  const room = known?.room ?? deps.adminRoom;
  await deps.sender.redact(delivery, { room, event: found.event, agent: null });
  const { prompts } = deps;
  return {
    writes: [
      ...prompts.noteEnded(partition, approval, status ?? 'ended'),
      ...prompts.noteErased(partition, approval),
    ],
    outcome: 'withdrawn',
  };
}

async function showOutcome(
  deps: ResolveApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.resolved'>,
): Promise<Commit> {
  const { approval, status } = entry.body;
  const prompt = await findPrompt(deps, delivery, approval);
  const message: Message = {
    ...about(delivery, entry),
    text: renderOutcome(entry.body, prompt?.text),
    place: { thread: null, replyTo: entry.body.replyTo },
  };
  const content =
    prompt === undefined
      ? messageContent(message)
      : editContent(prompt.event, { ...message, msgtype: 'm.text' });
  await send(deps, delivery, entry, content);
  const writes = deps.prompts.noteEnded(delivery.partition, approval, status ?? 'ended');
  return { writes, outcome: 'shown' };
}

function about(delivery: Delivery, entry: EntryOf<'approval.resolved'>) {
  const vagent = { ...entryFrame(delivery, entry).vagent('outcome'), approval: entry.body.approval };
  return { msgtype: 'm.notice', vagent, mentions: [] } as const;
}

async function send(
  deps: ResolveApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.resolved'>,
  content: object,
): Promise<void> {
  const frame = entryFrame(delivery, entry);
  const event = { room: deps.adminRoom, type: 'm.room.message', content, key: frame.key('outcome') } as const;
  await deps.sender.send(delivery, event, (own) => frame.isOfEntry(own));
}

async function underPrompt(
  deps: ResolveApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.resolved'>,
): Promise<Place> {
  const prompt = await findPrompt(deps, delivery, entry.body.approval);
  return { thread: prompt?.event ?? null, replyTo: null };
}

const threaded = z.object({
  content: z.object({ 'm.relates_to': z.object({ rel_type: z.literal('m.thread'), event_id: eventId }) }),
});

/** The place of an answer to this event: its thread, where it lies in one. */
async function beside(deps: ResolveApprovalDeps, delivery: Delivery, replyTo: string): Promise<Place> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(deps.adminRoom)}/event/${encodeURIComponent(replyTo)}`;
  try {
    const event = threaded.safeParse(await deps.client.request('GET', path, { signal: delivery.signal }));
    return { thread: event.data?.content['m.relates_to'].event_id ?? null, replyTo };
  } catch (error) {
    if (!(error instanceof MatrixRequestError)) throw error;
    deps.log.debug(
      { err: error, event: replyTo },
      'thread of a decision not known, answered in the timeline',
    );
    return { thread: null, replyTo };
  }
}
