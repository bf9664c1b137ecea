/** A line, or a piece of one that is longer than a part. */
export interface Piece {
  readonly text: string;
  /** True where it goes on behind the piece before, without a line break. */
  readonly isContinued: boolean;
}

/** What has to be opened again in the next part when Markdown is cut within it. */
export interface Block {
  /** The lines that open it: of a code fence, or the head of a table. */
  readonly opening: readonly string[];
  /** The line that closes a fence; a table ends by itself. */
  readonly closing: string | undefined;
  /** Of a fence: what at least closes it. */
  readonly marker: string;
}

/** What is open behind the piece at `index`. */
export function blockAfter(
  open: Block | undefined,
  pieces: readonly Piece[],
  index: number,
  maxBytes: number,
): Block | undefined {
  const piece = pieces[index];
  if (piece === undefined || piece.isContinued) return open;
  if (open?.closing !== undefined) return closes(open, piece.text) ? undefined : open;
  const fence = fenceOf(piece.text);
  if (fence !== undefined) return orNone(fence, maxBytes);
  if (open !== undefined) return piece.text.includes('|') ? open : undefined;
  return isTableStart(pieces, index) ? orNone(tableOf(pieces, index), maxBytes) : undefined;
}

/** What takes too much of a part is not said again. */
function orNone(block: Block, maxBytes: number): Block | undefined {
  return openBytes(block) > maxBytes / 4 ? undefined : block;
}

const openingFence = /^([ >\t]*)(`{3,}(?=[^`]*$)|~{3,})/;

function fenceOf(line: string): Block | undefined {
  const [, indent = '', marker] = openingFence.exec(line) ?? [];
  return marker === undefined ? undefined : { opening: [line], closing: indent + marker, marker };
}

function closes({ marker }: Block, line: string): boolean {
  const [whole, , found = ''] = openingFence.exec(line) ?? [];
  return whole !== undefined && found.startsWith(marker) && line.slice(whole.length).trim() === '';
}

/** The row of dashes between the head of a table and its rows (GitHub Flavored Markdown, "Tables"). */
const dashes = /^\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?$/;

function isDashes(line: string): boolean {
  // Blanks at the ends are cut off first: the pattern would try each way to share them out.
  return dashes.test(line.replace(/^[ >\t]+/, '').trim());
}

/** Whether the piece at `index` is the row under the head of a table. */
export function isTableStart(pieces: readonly Piece[], index: number): boolean {
  const [head, row] = [pieces[index - 1], pieces[index]];
  if (head === undefined || row === undefined || head.isContinued || row.isContinued) return false;
  return head.text.includes('|') && row.text.includes('|') && isDashes(row.text);
}

function tableOf(pieces: readonly Piece[], index: number): Block {
  const opening = pieces.slice(index - 1, index + 1).map(({ text }) => text);
  return { opening, closing: undefined, marker: '' };
}

export function openBytes(block: Block | undefined): number {
  return (block?.opening ?? []).reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0);
}

export function closeBytes(block: Block | undefined): number {
  return block?.closing === undefined ? 0 : Buffer.byteLength(block.closing) + 1;
}
