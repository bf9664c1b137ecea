interface Fence {
  /** The opening line, to open it again in the next part. */
  readonly line: string;
  readonly indent: string;
  readonly marker: string;
}

/** A line, or a piece of one that is longer than a part. */
interface Piece {
  readonly text: string;
  /** True where it goes on behind the piece before, without a line break. */
  readonly isContinued: boolean;
}

interface Cut {
  /** Index of the first piece of the next part. */
  readonly end: number;
  /** The fence that is open there. */
  readonly fence: Fence | undefined;
}

/**
 * Cuts Markdown into parts of at most `maxBytes` (UTF-8), always at the same places for the same text: at a blank
 * line where the part is then at least half full, else at a line's end, else (a line longer than half a part)
 * behind a blank or, failing that, between two code points. A code fence that is cut is closed and opened again.
 * Returns at least one part; blank lines around a cut are dropped.
 *
 * @throws {RangeError} for less than 256 bytes.
 */
export function splitMarkdown(text: string, maxBytes: number): string[] {
  if (!(maxBytes >= 256)) throw new RangeError(`A part needs at least 256 bytes, not ${maxBytes}`);
  if (byteLength(text) <= maxBytes) return [text];
  const pieces = text.split('\n').flatMap((line) => cutLine(line, maxBytes / 2));
  const parts: string[] = [];
  let fence: Fence | undefined;
  for (let start = 0; start < pieces.length; ) {
    if (fence === undefined && isBlank(pieces[start])) {
      start += 1;
      continue;
    }
    const cut = findCut(pieces, start, fence, maxBytes);
    parts.push(join(pieces.slice(start, cut.end), fence, cut.fence));
    ({ end: start, fence } = cut);
  }
  return parts.length === 0 ? [''] : parts;
}

function findCut(pieces: readonly Piece[], start: number, opened: Fence | undefined, maxBytes: number): Cut {
  let bytes = opened === undefined ? 0 : byteLength(opened.line) + 1;
  let cut: Cut = { end: start, fence: opened };
  let paragraph: Cut | undefined;
  for (const piece of pieces.slice(start)) {
    const fence = fenceAfter(cut.fence, piece, maxBytes);
    const size = byteLength(piece.text) + (piece.isContinued ? 0 : 1);
    if (cut.end > start && bytes + size + closeBytes(fence) > maxBytes) {
      const before = pieces[cut.end - 1];
      const isJustOpened = cut.fence !== undefined && cut.fence.line === before?.text;
      if (isJustOpened && cut.end - 1 > start) cut = { end: cut.end - 1, fence: undefined };
      return paragraph ?? cut;
    }
    bytes += size;
    cut = { end: cut.end + 1, fence };
    if (fence === undefined && isBlank(piece) && bytes * 2 >= maxBytes) paragraph = cut;
  }
  return cut;
}

function join(pieces: readonly Piece[], opened: Fence | undefined, open: Fence | undefined): string {
  const end = open === undefined ? pieces.findLastIndex((piece) => !isBlank(piece)) + 1 : pieces.length;
  const lines = opened === undefined ? [] : [opened.line];
  for (const { text, isContinued } of pieces.slice(0, end)) {
    if (isContinued && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  if (open !== undefined) lines.push(open.indent + open.marker);
  return lines.join('\n');
}

const openingFence = /^([ >\t]*)(`{3,}(?=[^`]*$)|~{3,})/;

function fenceAfter(open: Fence | undefined, piece: Piece, maxBytes: number): Fence | undefined {
  const match = piece.isContinued ? null : openingFence.exec(piece.text);
  if (match === null) return open;
  const [whole, indent = '', marker = ''] = match;
  if (open === undefined) {
    return byteLength(piece.text) > maxBytes / 4 ? undefined : { line: piece.text, indent, marker };
  }
  const isClose = marker.startsWith(open.marker) && piece.text.slice(whole.length).trim() === '';
  return isClose ? undefined : open;
}

function closeBytes(fence: Fence | undefined): number {
  return fence === undefined ? 0 : byteLength(fence.indent) + fence.marker.length + 1;
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
