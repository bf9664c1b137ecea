import type { Message } from '#matrix/render-message';
import { splitMarkdown } from '#matrix/split-markdown';
import type { Delivery } from '#streams/delivery';
import type { StoreAnswer } from './long-answer-file.ts';
import type { RenderForPerson, RestoreForPerson } from './render-for-person.ts';

export interface LongAnswerDeps {
  readonly renderForPerson: RenderForPerson;
  readonly restoreForPerson: RestoreForPerson;
  readonly storeAnswer: StoreAnswer;
}

/** An answer before it is cut: whose it is, and the Markdown of all of it. */
export interface WholeAnswer {
  readonly session: string;
  readonly room: string;
  /** The reply's id. */
  readonly reply: string;
  readonly text: string;
}

/** More messages than this at once bury a room. */
const mostParts = 4;

/**
 * The messages that an answer is posted as: one, a few parts, or, beyond those, its beginning and a file with all of it. The
 * same answer always gives the same ones. Only the first notifies.
 *
 * @throws {SendLaterError} while the homeserver takes no files; where it will not, the answer comes in parts.
 */
export type MessagesOf = (
  delivery: Delivery,
  answer: WholeAnswer,
  about: Omit<Message, 'text'>,
) => Promise<readonly [Message, ...Message[]]>;

export function createMessagesOf(deps: LongAnswerDeps): MessagesOf {
  const { renderForPerson, restoreForPerson, storeAnswer } = deps;
  return async (delivery, answer, about) => {
    const { session, reply, room, text } = answer;
    const empty = { body: text, html: '' };
    const [first = empty, ...more] = await renderForPerson(session, text, about);
    const parts = more.map((part) => ({ ...about, text: part, mentions: [] }));
    if (more.length < mostParts) return [{ ...about, text: first }, ...parts];
    const markdown = await restoreForPerson(session, text);
    const file = await storeAnswer(delivery, { reply, room, markdown });
    if (file === undefined) return [{ ...about, text: first }, ...parts];
    const [summary = empty] = await renderForPerson(session, beginningOf(text), about);
    const attached = { ...about, text: { body: file.name, html: file.name }, mentions: [], file };
    return [{ ...about, text: summary }, attached];
  };
}

const beginningBytes = 2_000;
const mostTitles = 12;
const longestTitle = 80;

/** The beginning of a long answer, what the rest is about by its headings, and where the rest is. Markdown. */
export function beginningOf(text: string): string {
  const [beginning = ''] = splitMarkdown(text, beginningBytes);
  const titles = titlesOf(text).filter((title) => !beginning.includes(title));
  const shown = titles.slice(0, mostTitles).map((title) => `- ${title}`);
  const more = titles.length > mostTitles ? [`- … and ${titles.length - mostTitles} more`] : [];
  const rest = shown.length === 0 ? [] : [`Further on:\n\n${[...shown, ...more].join('\n')}`];
  return [
    beginning,
    '…',
    ...rest,
    '*This answer is too long for a message: all of it is in the file below.*',
  ].join('\n\n');
}

/** The headings, without those in code. */
function titlesOf(text: string): string[] {
  const titles: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const marker = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (marker?.startsWith(fence) === true) fence = undefined;
      continue;
    }
    fence = marker;
    const title = /^ {0,3}#{1,3}\s+(.+?)\s*#*\s*$/.exec(line)?.[1];
    if (title !== undefined && title.length <= longestTitle) titles.push(title);
  }
  return titles;
}
