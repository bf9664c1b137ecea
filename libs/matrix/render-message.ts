import { type VagentContent, vagentContentKey } from '#contract/vagent-content';
import { type Place, relationTo } from './render-relation.ts';

export interface RenderedText {
  readonly body: string;
  readonly html: string;
}

/** A file that was uploaded. */
export interface AttachedFile {
  readonly name: string;
  readonly mimetype: string;
  readonly bytes: number;
  /** Where it lies; of an encrypted one with what opens it. */
  readonly source: { readonly url: string } | { readonly file: { readonly url: string } };
}

export interface Message {
  readonly text: RenderedText;
  readonly msgtype: 'm.text' | 'm.notice';
  readonly vagent: VagentContent;
  readonly place: Place;
  /** Full user ids of those who are notified; nobody else ever is, and never the whole room. */
  readonly mentions: readonly string[];
  /** In place of the text: an `m.file`, which cannot be edited. */
  readonly file?: AttachedFile;
}

/** The content of an `m.room.message` event. */
export function messageContent(message: Message): object {
  const relation = relationTo(message.place);
  const shown = message.file === undefined ? core(message) : fileCore(message, message.file);
  return { ...shown, ...(relation === undefined ? {} : { 'm.relates_to': relation }) };
}

/** Characters of the text for clients that do not know edits. */
const fallbackLength = 2_000;

/**
 * The content of an event that replaces the text of `target` (client-server API, "Event replacements"). Those who
 * were mentioned before are not notified again.
 */
export function editContent(target: string, message: Message): object {
  const shown = Array.from(message.text.body.slice(0, fallbackLength * 2))
    .slice(0, fallbackLength)
    .join('');
  return {
    msgtype: message.msgtype,
    body: unaddressed(`* ${shown}${shown.length < message.text.body.length ? ' …' : ''}`),
    'm.mentions': {},
    'm.new_content': core(message),
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
    [vagentContentKey]: message.vagent,
  };
}

function fileCore({ vagent }: Message, { name, mimetype, bytes, source }: AttachedFile): object {
  return {
    msgtype: 'm.file',
    body: name,
    filename: name,
    info: { mimetype, size: bytes },
    ...source,
    'm.mentions': {},
    [vagentContentKey]: vagent,
  };
}

function core({ text, msgtype, mentions, vagent }: Message): object {
  return {
    msgtype,
    body: unaddressed(text.body),
    format: 'org.matrix.custom.html',
    formatted_body: unaddressed(text.html),
    'm.mentions': mentions.length === 0 ? {} : { user_ids: [...new Set(mentions)] },
    [vagentContentKey]: vagent,
  };
}

/** Older homeservers notify the whole room at this word; a word joiner takes that from it, and nobody sees it. */
function unaddressed(text: string): string {
  return text.replaceAll(/@(?=room)/gi, '@\u2060');
}
