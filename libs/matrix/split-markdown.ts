interface Fence {
  /** The opening line, to open it again in the next part. */
  readonly line: string;
  readonly indent: string;
  readonly marker: string;
}

/**
 * Cuts Markdown into parts of at most `maxBytes` (UTF-8), always at the same places for the same text: at a blank
 * line where the part is then at least half full, else at a line's end, else (a line longer than a part) behind a
 * blank or, failing that, between two code points. A code fence that is cut is closed and opened again.
 *
 * @param maxBytes at least 256; fence lines longer than a quarter of it are cut like text.
 */
export function splitMarkdown(text: string, maxBytes: number): string[] {
  if (maxBytes < 256) throw new RangeError(`A part needs at least 256 bytes, not ${maxBytes}`);
  if (byteLength(text) <= maxBytes) return [text];
  const parts: string[] = [];
  let part = new Part(undefined);
  for (const line of text.split('\n').flatMap((whole) => cutLine(whole, maxBytes / 2))) {
    if (!part.hasRoomFor(line, maxBytes)) {
      const { text: done, next } = part.close(maxBytes);
      if (done.trim() !== '') parts.push(done);
      part = next;
    }
    part.add(line, fenceAfter(part.fence, line, maxBytes));
  }
  const last = part.text();
  return last.trim() === '' ? parts : [...parts, last];
}

class Part {
  fence: Fence | undefined;
  readonly #opened: Fence | undefined;
  readonly #lines: string[] = [];
  #bytes = 0;
  /** Number of lines before the last blank line outside a fence, and their bytes. */
  #paragraphs = { lines: 0, bytes: 0 };

  constructor(opened: Fence | undefined) {
    this.#opened = opened;
    this.fence = opened;
    if (opened !== undefined) this.#push(opened.line);
  }

  hasRoomFor(line: string, maxBytes: number): boolean {
    // Closing comes on top; a line that opens a fence may need a close of its own length.
    const closing = this.fence === undefined ? byteLength(line.match(openingFence)?.[0] ?? '') + 1 : closeBytes(this.fence);
    const isEmpty = this.#lines.length === (this.#opened === undefined ? 0 : 1);
    return isEmpty || this.#bytes + byteLength(line) + 1 + closing <= maxBytes;
  }

  add(line: string, fence: Fence | undefined): void {
    if (line.trim() === '' && this.fence === undefined) {
      this.#paragraphs = { lines: this.#lines.length, bytes: this.#bytes };
    }
    this.#push(line);
    this.fence = fence;
  }

  /** The finished part, and the one that goes on with what did not belong to it. */
  close(maxBytes: number): { text: string; next: Part } {
    const { lines, bytes } = this.#paragraphs;
    if (this.fence === undefined && bytes * 2 >= maxBytes && lines < this.#lines.length) {
      const next = new Part(undefined);
      for (const line of this.#lines.slice(lines + 1)) next.add(line, undefined);
      return { text: this.#lines.slice(0, lines).join('\n'), next };
    }
    return { text: this.text(), next: new Part(this.fence) };
  }

  text(): string {
    const { fence } = this;
    const lines = fence === undefined ? this.#lines : [...this.#lines, fence.indent + fence.marker];
    return lines.join('\n');
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#bytes += byteLength(line) + 1;
  }
}

const openingFence = /^([ >\t]*)(`{3,}(?=[^`]*$)|~{3,})/;

function fenceAfter(open: Fence | undefined, line: string, maxBytes: number): Fence | undefined {
  const match = openingFence.exec(line);
  if (open === undefined) {
    if (match === null || byteLength(line) > maxBytes / 4) return undefined;
    return { line, indent: match[1] ?? '', marker: match[2] ?? '' };
  }
  const isClose =
    match !== null &&
    match[2]?.startsWith(open.marker) === true &&
    line.slice(match[0].length).replaceAll(open.marker.charAt(0), '').trim() === '';
  return isClose ? undefined : open;
}

function closeBytes({ indent, marker }: Fence): number {
  return byteLength(indent) + marker.length + 1;
}

/** Pieces of at most `maxBytes`, cut behind the last blank where there is one in the second half. */
function cutLine(line: string, maxBytes: number): string[] {
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
  return [...pieces, piece];
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
