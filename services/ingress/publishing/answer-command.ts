import { createHash } from 'node:crypto';
import { formatSessionId } from '#contract/session-id';
import { type VagentContent, vagentContentKey } from '#contract/vagent-content';
import { relationTo } from '#matrix/render-relation';
import { renderReply } from '#matrix/render-reply';
import type { DecodedEvent } from '#matrix/room-event';
import type { Post } from '../encrypted/create-post.ts';

export interface CommandAnswer {
  readonly text: string;
  /** Else it is plain text. */
  readonly isMarkdown: boolean;
}

/** Tells the sender of a command or message what came of it, in its thread, once: the transaction id comes from the event. */
export async function answerCommand(
  post: Post,
  event: DecodedEvent,
  { text, isMarkdown }: CommandAnswer,
): Promise<void> {
  const { room, eventId, sender } = event;
  const thread = event.kind === 'message' ? event.thread : null;
  const txn = createHash('sha256').update(`answer ${room} ${eventId}`).digest('base64url');
  const vagent = {
    kind: 'status',
    session: formatSessionId({ room, thread, user: sender }),
    turn: eventId,
    entry: eventId,
  } as const;
  const body = {
    ...shown(text, isMarkdown, vagent),
    msgtype: 'm.notice',
    'm.mentions': { user_ids: [sender] },
    'm.relates_to': relationTo({ thread, replyTo: eventId }),
    [vagentContentKey]: vagent,
  };
  await post(room, body, txn);
}

/** What is too long for one event is cut: the command line tells the rest. */
function shown(text: string, isMarkdown: boolean, vagent: VagentContent): object {
  if (!isMarkdown) return { body: text };
  const frame = {
    msgtype: 'm.notice',
    vagent,
    place: { thread: null, replyTo: null },
    mentions: [],
  } as const;
  const [first = { body: text, html: '' }, ...more] = renderReply(text, frame);
  const cut = more.length === 0 ? '' : '\n\n… "vagent why" tells the rest.';
  const html = `${first.html}${cut === '' ? '' : '<p>… <code>vagent why</code> tells the rest.</p>'}`;
  return { body: `${first.body}${cut}`, format: 'org.matrix.custom.html', formatted_body: html };
}
