import type { Paint, Style } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import type { Item } from './item.ts';
import { joinParagraphs } from './join-paragraphs.ts';
import { readPrompt } from './read-prompt.ts';
import { renderCard } from './render-card.ts';
import { renderMarkdown } from './render-markdown.ts';
import { displayName } from './tab.ts';

export interface ItemSurroundings {
  readonly self: string;
  readonly names: ReadonlyMap<string, string>;
  readonly width: number;
  readonly paint: Paint;
}

const signs: Partial<Record<Item['kind'], readonly [sign: string, style: Style]>> = {
  status: ['⏳', 'yellow'],
  reminder: ['⏰', 'yellow'],
  failed: ['✗', 'red'],
  outcome: ['ℹ', 'cyan'],
};

/** One item as lines: the name of who said it, then what it says, indented. */
export function renderItem(item: Item, { self, names, width, paint }: ItemSurroundings): string[] {
  const isOwn = item.sender === self;
  const name = printable(displayName(names, item.sender)).replaceAll('\n', ' ');
  const head = paint('bold', paint(isOwn ? 'green' : 'magenta', name));
  const card = item.kind === 'approval' || item.kind === 'outcome' ? readPrompt(item.text) : undefined;
  const body = card === undefined ? textLines(item, width - 2, paint) : renderCard(card, width - 2, paint);
  const reactions =
    item.reactions.length === 0 ? [] : [paint('dim', item.reactions.map(printable).join(' '))];
  return [head, ...[...body, ...reactions].map((line) => `  ${line}`)];
}

function textLines(item: Item, width: number, paint: Paint): string[] {
  const [sign, style] = signs[item.kind] ?? [];
  const room = width - (sign === undefined ? 0 : 3);
  const lines = renderMarkdown(isMarkdown(item) ? joinParagraphs(item.text) : item.text, room, paint);
  if (item.kind === 'draft') return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${paint('cyan', '▌')}`];
  if (sign === undefined || style === undefined) return lines;
  return lines.map((line, index) => (index === 0 ? `${paint(style, sign)} ${line}` : `   ${line}`));
}

/** What the bot composes is Markdown, in which a lone line break is a blank; people mean theirs. */
function isMarkdown({ kind }: Item): boolean {
  return kind === 'reply' || kind === 'draft' || kind === 'status' || kind === 'failed';
}
