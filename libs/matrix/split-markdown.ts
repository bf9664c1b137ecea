import { type Block, blockAfter, closeBytes, isTableStart, openBytes, type Piece } from './markdown-block.ts';

interface Cut {
  /** Index of the first piece of the next part. */
  readonly end: number;
  /** What is open there: a code fence, or a table. */
  readonly block: Block | undefined;
}

/**
 * Cuts Markdown into parts of at most `maxBytes` (UTF-8), always at the same places for the same text: at a blank
 * line where the part is then at least half full, else at a line's end, else (a line longer than half a part)
 * behind a blank or, failing that, between two code points. A code fence that is cut is closed and opened again, a table
 * gets its head again; neither those nor a heading end a part. Returns at least one part; blank lines around a cut are
 * dropped.
 *
 * @throws {RangeError} for less than 256 bytes.
 */
export function splitMarkdown(text: string, maxBytes: number): string[] {
  if (!(maxBytes >= 256)) throw new RangeError(`A part needs at least 256 bytes, not ${maxBytes}`);
  if (byteLength(text) <= maxBytes) return [text];
  const pieces = text.split('\n').flatMap((line) => cutLine(line, maxBytes / 2));
  const parts: string[] = [];
  let block: Block | undefined;
  for (let start = 0; start < pieces.length; ) {
    if (block === undefined && isBlank(pieces[start])) {
      start += 1;
      continue;
    }
    const cut = findCut(pieces, start, block, maxBytes);
    parts.push(join(pieces.slice(start, cut.end), block, cut.block));
    ({ end: start, block } = cut);
  }
  return parts.length === 0 ? [''] : parts;
}

function findCut(pieces: readonly Piece[], start: number, opened: Block | undefined, maxBytes: number): Cut {
  let bytes = openBytes(opened);
  let cut: Cut = { end: start, block: opened };
  let paragraph: Cut | undefined;
  for (const piece of pieces.slice(start)) {
    const block = blockAfter(cut.block, pieces, cut.end, maxBytes);
    const size = byteLength(piece.text) + (piece.isContinued ? 0 : 1);
    if (cut.end > start && bytes + size + closeBytes(block) > maxBytes) {
      return paragraph ?? beforeOpening(pieces, start, cut);
    }
    bytes += size;
    cut = { end: cut.end + 1, block };
    if (
      block === undefined &&
      isBlank(piece) &&
      bytes * 2 >= maxBytes &&
      !endsInHeading(pieces, start, cut)
    ) {
      paragraph = cut;
    }
  }
  return cut;
}

/** The cut before what has just begun at the end of a part: the line of a fence, the head of a table, a heading. */
function beforeOpening(pieces: readonly Piece[], start: number, cut: Cut): Cut {
  const { end, block } = cut;
  const before = pieces[end - 1]?.text;
  const isJustOpened = block !== undefined && block.opening.at(-1) === before;
  if (isJustOpened) {
    const earlier = end - block.opening.length;
    return earlier > start ? { end: earlier, block: undefined } : cut;
  }
  const isHead = block === undefined && (isTableStart(pieces, end) || isHeading(before));
  return isHead && end - 1 > start ? { end: end - 1, block: undefined } : cut;
}

function endsInHeading(pieces: readonly Piece[], start: number, { end }: Cut): boolean {
  const last = pieces.slice(start, end).findLast((piece) => !isBlank(piece));
  return isHeading(last?.text);
}

function isHeading(line: string | undefined): boolean {
  return line !== undefined && /^ {0,3}#{1,6}\s/.test(line);
}

function join(pieces: readonly Piece[], opened: Block | undefined, open: Block | undefined): string {
  const isFenced = open?.closing !== undefined;
  const end = isFenced ? pieces.length : pieces.findLastIndex((piece) => !isBlank(piece)) + 1;
  const lines = opened === undefined ? [] : [...opened.opening];
  for (const { text, isContinued } of pieces.slice(0, end)) {
    if (isContinued && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  if (open?.closing !== undefined) lines.push(open.closing);
  return lines.join('\n');
}

/** Pieces of at most `maxBytes`, cut behind the last blank where there is one in the second half. */
function cutLine(line: string, maxBytes: number): Piece[] {
  if (byteLength(line) <= maxBytes) return [{ text: line, isContinued: false }];
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const sign of line) {
    const size = byteLength(sign);
    if (bytes + size > maxBytes) {
      const blank = piece.lastIndexOf(' ') + 1;
      const cut = blank * 2 > piece.length ? blank : piece.length;
      pieces.push(piece.slice(0, cut));
      piece = piece.slice(cut);
      bytes = byteLength(piece);
    }
    piece += sign;
    bytes += size;
  }
  return [...pieces, piece].map((text, index) => ({ text, isContinued: index > 0 }));
}

function isBlank(piece: Piece | undefined): boolean {
  return piece !== undefined && piece.text.trim() === '' && !piece.isContinued;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
