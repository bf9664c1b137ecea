import { termsOf } from './terms-of.ts';

/**
 * What of a passage to quote: all of it when it is short; else its blocks (paragraphs, lists, tables, code) that say
 * most about the query, in their order and whole, up to `limit` characters.
 */
export function extractPassage(text: string, query: string, limit = 1_200): string {
  if (text.length <= limit) return text;
  const wanted = new Set(termsOf(query));
  const blocks = splitBlocks(text).map((block, index) => ({
    block,
    index,
    hits: termsOf(block).filter((term) => wanted.has(term)).length,
  }));
  const kept: typeof blocks = [];
  let length = 0;
  for (const candidate of blocks.toSorted((a, b) => b.hits - a.hits || a.index - b.index)) {
    if (length + candidate.block.length > limit) continue;
    kept.push(candidate);
    length += candidate.block.length + 2;
  }
  if (kept.length === 0) return firstSentences(text, limit);
  return kept
    .toSorted((a, b) => a.index - b.index)
    .map(({ block }) => block)
    .join('\n\n');
}

/** Splits at blank lines, but never inside a fenced code block. */
function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let isOpen = false;
  for (const piece of text.split(/\n{2,}/)) {
    if (isOpen) blocks.push(`${blocks.pop() ?? ''}\n\n${piece}`);
    else blocks.push(piece);
    if ((piece.match(/^(?:```|~~~)/gm)?.length ?? 0) % 2 === 1) isOpen = !isOpen;
  }
  return blocks;
}

function firstSentences(text: string, limit: number): string {
  const short = text.slice(0, limit);
  const end = Math.max(short.lastIndexOf('. '), short.lastIndexOf('.\n'), short.lastIndexOf('\n'));
  return end > 0 ? short.slice(0, end + 1).trim() : `${short.toWellFormed()}…`;
}
