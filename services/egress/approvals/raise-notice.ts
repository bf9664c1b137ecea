import type { EntryOf } from '#contract/entry';
import { messageContent, type RenderedText } from '#matrix/render-message';
import { renderReply } from '#matrix/render-reply';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import type { Sender } from '../sending/create-sender.ts';
import { type FindPromptDeps, findPrompt } from './find-prompt.ts';

export interface RaiseNoticeDeps extends FindPromptDeps {
  readonly sender: Sender;
}

/**
 * Tells the admin room something that nobody asked for: in the thread of the approval's prompt where there is one, else
 * as a message of its own. Nobody is notified by name.
 */
export async function raiseNotice(
  deps: RaiseNoticeDeps,
  delivery: Delivery,
  entry: EntryOf<'notice.raised'>,
): Promise<Commit> {
  const { text, approval } = entry.body;
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
  for (const [part, shown] of renderReply(text, about).entries()) await post(part, shown);
  return { outcome: 'sent' };
}
