import type { Frame } from './render-frame.ts';

/** Without wrapping (?7): a line that is wider than the terminal, or than we think, must not move those below it. */
const enter = '\u001b[?1049h\u001b[?2004h\u001b[?7l\u001b[2J';
const leave = '\u001b[?7h\u001b[?2004l\u001b[?1049l\u001b[?25h';
const beginUpdate = '\u001b[?2026h\u001b[?25l';
const endUpdate = '\u001b[?25h\u001b[?2026l';

/** Draws frames on the terminal's second screen, changed lines alone, and gives the first one back in the end. */
export class Screen implements Disposable {
  readonly #output: { write(text: string): unknown };
  #drawn: readonly string[] = [];

  constructor(output: { write(text: string): unknown }) {
    this.#output = output;
    output.write(enter);
  }

  draw({ lines, cursor }: Frame): void {
    const changed = lines
      .map((line, row) => (line === this.#drawn[row] ? '' : `\u001b[${row + 1};1H\u001b[2K${line}`))
      .join('');
    const place = `\u001b[${cursor.row + 1};${cursor.column + 1}H`;
    this.#output.write(`${beginUpdate}${changed}${place}${endUpdate}`);
    this.#drawn = lines;
  }

  /** The terminal was resized: nothing on it is as we left it. */
  forget(): void {
    this.#drawn = [];
    this.#output.write('\u001b[2J');
  }

  [Symbol.dispose](): void {
    this.#output.write(leave);
  }
}
