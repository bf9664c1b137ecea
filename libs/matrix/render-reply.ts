import { alignTables } from './align-tables.ts';
import { markdownToHtml } from './markdown-to-html.ts';
import { withoutPills } from './markdown-without-pills.ts';
import { editContent, type Message, type RenderedText } from './render-message.ts';
import { splitMarkdown } from './split-markdown.ts';

/** Markdown bytes of a part to begin with: a screen or two, and far below any limit. */
const partBytes = 16 * 1024;
/**
 * An event has at most 65,536 bytes (client-server API, "Size limits"), of which its envelope takes some thousand, and
 * encryption makes four bytes of three. Clear rooms have the same parts: a room can be encrypted between two attempts.
 */
const contentBytes = 43 * 1024;

/**
 * Renders Markdown into the parts that go into one event each, also as an edit. The same text always gives the same
 * parts. Text that grows in rendering (signs that HTML or JSON escape) gets smaller parts.
 *
 * @param frame the message that the texts will go into.
 */
export function renderReply(markdown: string, frame: Omit<Message, 'text'>): RenderedText[] {
  for (let maxBytes = partBytes; ; maxBytes = Math.floor(maxBytes / 2)) {
    const texts = splitMarkdown(markdown, maxBytes).map((part) => renderPart(part, frame));
    if (maxBytes <= 512 || texts.every((text) => isSmallEnough(text, frame))) return texts;
  }
}

function renderPart(part: string, { mentions }: Omit<Message, 'text'>): RenderedText {
  return { body: alignTables(withoutPills(part)), html: markdownToHtml(part, { mayMention: mentions[0] }) };
}

function isSmallEnough(text: RenderedText, frame: Omit<Message, 'text'>): boolean {
  const longestEventId = `$${'x'.repeat(254)}`;
  return Buffer.byteLength(JSON.stringify(editContent(longestEventId, { ...frame, text }))) <= contentBytes;
}
