import { type GivenFile, isUsable, type UnreadWhy } from '#models/given-file';
import type { Desk } from './desk.ts';

type Sight = Pick<Desk, 'usesModel' | 'takesImages'>;

/** Whether the model can make something of what was sent. */
export function hasUsableFiles(
  { usesModel, takesImages = false }: Sight,
  files: readonly GivenFile[],
): boolean {
  return usesModel && files.some((file) => isUsable(file, takesImages));
}

/** What a person wrote, with the names of what they sent: that is all that a conversation remembers of files. */
export function withFileNames(text: string, files: readonly GivenFile[]): string {
  const names = files.map((file) => `[file: ${file.name}${'mimetype' in file ? `, ${file.mimetype}` : ''}]`);
  return [text, ...names].filter((part) => part.trim() !== '').join('\n');
}

/** Files without what they hold, for what is kept: by the time that they are wanted again they are gone. */
export function filesForgotten(files: readonly GivenFile[]): GivenFile[] {
  return files.map(({ name }) => ({ kind: 'unread', name, why: 'gone' }));
}

const why: Record<UnreadWhy, string> = {
  too_large: 'is too large',
  type: 'is of a type that I cannot read. I can read images (PNG, JPEG, GIF, WebP) and text',
  unreachable: 'could not be fetched. Please send it again',
  undecryptable: 'could not be decrypted. Please send it again',
  blocked: 'holds personal data that must not be kept, so I have not read it',
  limited: 'came after too many others. Please send it again in an hour',
  gone: 'is no longer there. Please send it again',
};

/** What is told about the files that nothing could be made of; undefined where there is none. Markdown. */
export function sayUnreadFiles(sight: Sight, files: readonly GivenFile[]): string | undefined {
  const lines = files.flatMap((file) => sayUnread(sight, file) ?? []);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function sayUnread({ usesModel, takesImages = false }: Sight, file: GivenFile): string | undefined {
  const name = asCode(file.name);
  switch (file.kind) {
    case 'unread':
      return `I could not use the file ${name}: it ${why[file.why]}.`;
    case 'closed':
      return `I could not use the file ${name}: I cannot open PDF files. Please copy what matters into a message.`;
    case 'image':
      if (usesModel && takesImages) return undefined;
      return `I could not use the file ${name}: I cannot look at images here. Please describe what it shows.`;
    case 'text':
      return usesModel
        ? undefined
        : `I could not use the file ${name}: I cannot read files here. Please copy what matters into a message.`;
    default:
      return file satisfies never;
  }
}

/** As Markdown shows it letter by letter. */
function asCode(name: string): string {
  return `\`${name.replaceAll('`', "'")}\``;
}
