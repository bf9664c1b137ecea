import type { Paint } from './paint.ts';
import { textWidth } from './text-width.ts';

/** Rows under a heading, columns two blanks apart, numbers to the right. Cells must be printable. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  paint: Paint,
): string {
  const cells = rows.map((row) => row.map(String));
  const widths = heading.map((title, column) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[column] ?? ''))),
  );
  const isNumeric = heading.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - textWidth(cell)));
        return isNumeric[column] === true ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  return `${[paint('dim', line(heading)), ...cells.map(line)].join('\n')}\n`;
}
