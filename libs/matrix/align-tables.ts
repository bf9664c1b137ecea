import MarkdownIt from 'markdown-it';

/** Wider columns would be broken by every client. */
const widestColumn = 40;

/** Inline text is not looked at: tables are blocks. */
const parser = new MarkdownIt({ html: false }).disable('inline');

/**
 * Markdown whose tables stand in columns, for clients that show the plain text. Tables with a very wide column, and those in
 * quotes and lists, stay as they are. Nothing but blanks and dashes changes.
 */
export function alignTables(markdown: string): string {
  // Other line ends count as lines for the parser alone.
  if (!/^ {0,3}\|/m.test(markdown) || markdown.includes('\r')) return markdown;
  const lines = markdown.split('\n');
  for (const { type, level, map } of parser.parse(markdown, {})) {
    if (type !== 'table_open' || level !== 0 || map === null) continue;
    const [start, end] = map;
    lines.splice(start, end - start, ...aligned(lines.slice(start, end)));
  }
  return lines.join('\n');
}

function aligned(table: readonly string[]): readonly string[] {
  const rows = table.map(cellsOf);
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row, index) => (index === 1 ? 3 : widthOf(row[column] ?? '')))),
  );
  // Text before the first bar of a row, such as the sign of a quote, has no column.
  const isPlain = table.every((row) => /^ {0,3}\|/.test(row));
  if (!isPlain || Math.max(...widths) > widestColumn) return table;
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return index === 1 ? dashesOf(cell, width) : cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
    });
    return `| ${cells.join(' | ')} |`;
  });
}

/** The cells of a row; a bar behind a backslash belongs to its cell. */
function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

function dashesOf(cell: string, width: number): string {
  const [left, right] = [cell.startsWith(':') ? ':' : '', cell.endsWith(':') ? ':' : ''];
  return left + '-'.repeat(Math.max(1, width - left.length - right.length)) + right;
}

/** Code points: what is drawn wider, such as a flag, is seldom in a table. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
