import type { EntryOf } from '#contract/entry';
import { renderApproval } from '#matrix/render-approval';
import { type Message, messageContent, type RenderedText } from '#matrix/render-message';
import { renderReminder } from '#matrix/render-reminder';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import { type FindPromptDeps, type FoundPrompt, findPrompt } from './find-prompt.ts';

export interface RemindApprovalDeps extends FindPromptDeps {
  readonly sender: Sender;
}

/** Reminds the reviewers in the prompt's thread, and shows the prompt in the escalation room where there is one. */
export async function remindApproval(
  deps: RemindApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.reminded'>,
): Promise<Commit> {
  const { approval: id, escalateTo } = entry.body;
  const prompt = await findPrompt(deps, delivery, id);
  const record = await deps.prompts.record(delivery.partition, id);
  const isOver = prompt?.isOpen === false || (record?.status ?? 'pending') !== 'pending';
  if (isOver) return { outcome: 'superseded' };
  const reviewers = (prompt?.approval ?? record)?.policy.reviewers ?? [];
  const reminder = renderReminder(entry.body, reviewers);
  const text = prompt === undefined ? withNumber(reminder, id) : reminder;
  const place = { thread: prompt?.event ?? null, replyTo: null };
  await post(deps, delivery, entry, deps.adminRoom, { text, place, mentions: reviewers });
  if (escalateTo !== null && escalateTo !== deps.adminRoom) {
    const shown = withPrompt(reminder, prompt, deps.adminRoom);
    const nowhere = { thread: null, replyTo: null };
    await post(deps, delivery, entry, escalateTo, { text: shown, place: nowhere, mentions: reviewers });
  }
  return { outcome: 'sent' };
}

async function post(
  deps: RemindApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.reminded'>,
  room: string,
  about: Pick<Message, 'text' | 'place' | 'mentions'>,
): Promise<void> {
  const frame = entryFrame(delivery, entry);
  const vagent = { ...frame.vagent('reminder'), approval: entry.body.approval };
  const content = messageContent({ ...about, msgtype: 'm.text', vagent });
  const event = { room, type: 'm.room.message', content, key: frame.key('reminder') } as const;
  await deps.sender.send(delivery, event, (own) => !own.isEdit && frame.isOfEntry(own));
}

function withNumber(text: RenderedText, id: string): RenderedText {
  return { body: `${text.body} (approval ${id})`, html: `${text.html} (approval ${id})` };
}

function withPrompt(text: RenderedText, prompt: FoundPrompt | undefined, adminRoom: string): RenderedText {
  if (prompt === undefined) return text;
  const { approval } = prompt;
  const shown = approval === undefined ? prompt.text : renderApproval(approval, { answerIn: adminRoom });
  return { body: `${text.body}\n\n${shown.body}`, html: `${text.html}<hr>\n${shown.html}` };
}
