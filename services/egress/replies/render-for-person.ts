import { Buffer } from 'node:buffer';
import { htmlText } from '#matrix/render-html-text';
import type { Message, RenderedText } from '#matrix/render-message';
import { renderReply } from '#matrix/render-reply';
import { placeholdersIn, restore } from '#privacy/restore';
import type { Vault } from '#privacy/vault';

/** Renders Markdown into the parts that go into one event each, for the person of a session and nobody else. */
export type RenderForPerson = (
  session: string,
  markdown: string,
  frame: Omit<Message, 'text'>,
) => Promise<RenderedText[]>;

/** An event has at most 65,536 bytes; body and HTML are both in it, and an edit has the start of the body twice. */
const textBytes = 58_000;
/** As Markdown has it where somebody escaped its signs. */
const escaped = /\\\[([A-Z]{2,5}|API\\?_KEY)\\?-([0-9A-Z]{8})\\\]/g;

/**
 * Puts personal data back where the session's own placeholders stand. That happens after rendering, so that no value is
 * ever read as Markdown or HTML. A placeholder whose value is not known stays.
 */
export function createRenderForPerson(vault: Pick<Vault, 'read'>): RenderForPerson {
  return async (session, markdown, frame) => {
    const parts = renderReply(markdown, frame);
    const placeholders = placeholdersIn(markdown);
    if (placeholders.length === 0) return parts;
    const values = await vault.read(session, placeholders);
    return values.size === 0 ? parts : parts.map((part) => withValues(part, values));
  };
}

/** The same for a text that goes into a file, as a whole. */
export type RestoreForPerson = (session: string, text: string) => Promise<string>;

export function createRestoreForPerson(vault: Pick<Vault, 'read'>): RestoreForPerson {
  return async (session, text) => {
    const placeholders = placeholdersIn(text);
    if (placeholders.length === 0) return text;
    const values = await vault.read(session, placeholders);
    return restore(text.replaceAll(escaped, withoutBackslashes), (placeholder) => values.get(placeholder));
  };
}

function withValues(part: RenderedText, values: ReadonlyMap<string, string>): RenderedText {
  const body = restore(part.body.replaceAll(escaped, withoutBackslashes), (placeholder) =>
    values.get(placeholder),
  );
  const html = restore(part.html, (placeholder) => {
    const value = values.get(placeholder);
    return value === undefined ? undefined : htmlText(value);
  });
  // A part that would not fit any more is better with placeholders than not sent at all.
  const bytes = Buffer.byteLength(JSON.stringify([body, html]));
  return bytes > textBytes ? part : { body, html };
}

function withoutBackslashes(placeholder: string): string {
  return placeholder.replaceAll('\\', '');
}
