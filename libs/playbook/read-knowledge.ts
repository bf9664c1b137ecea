import MarkdownIt from 'markdown-it';
import type { PlaybookProblem } from './errors.ts';
import type { Passage } from './playbook.ts';

interface Heading {
  readonly level: number;
  readonly text: string;
  /** Counted from 0; `end` is the first line below it. */
  readonly start: number;
  readonly end: number;
}

/**
 * Splits one knowledge file into a passage for each heading: the text up to the next heading of any level. The
 * first heading, of level 1, is the title. A paragraph "Keywords: a, b" right below it gives other words that
 * people use for the subject; it is searched and never shown. (No front matter: Markdown formatters break it.)
 */
export function readKnowledge(
  file: string,
  text: string,
): { passages: readonly Passage[]; problems: readonly PlaybookProblem[] } {
  const body = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const lines = body.split('\n');
  const headings = findHeadings(body);
  const [title, ...rest] = headings;
  const problems: PlaybookProblem[] = [];
  const problem = (start: number, message: string, hint: string): void => {
    problems.push({ file, line: start + 1, column: 1, message, hint });
  };
  if (title === undefined || title.level !== 1) {
    problem(title?.start ?? 0, 'the file does not begin with a title', 'Begin it with a line "# Title"');
    return { passages: [], problems };
  }
  for (const { start } of rest.filter(({ level }) => level === 1)) {
    problem(start, 'a second title', 'Use ## for sections; give another title a file of its own');
  }
  const intro = lines.slice(title.end, rest[0]?.start).join('\n');
  const keywords = readKeywords(intro);
  const passages = headings.flatMap((heading, index) => {
    const next = headings[index + 1];
    const written = lines.slice(heading.end, next?.start).join('\n');
    const content = (index === 0 ? written.replace(keywordsParagraph, '') : written).trim();
    if (content === '' && (next === undefined || next.level <= heading.level)) {
      problem(heading.start, `section "${heading.text}" is empty`, 'Write its text, or remove the heading');
    }
    if (content === '') return [];
    const path = pathTo(headings.slice(1, index + 1));
    const source = [title.text, ...path].join(' › ');
    const place = { id: `${file}#${index}`, file, line: heading.start + 1 };
    return [{ ...place, title: title.text, headings: path, source, text: content, keywords }];
  });
  return { passages, problems };
}

const keywordsParagraph = /^\s*Keywords:((?:[^\n]|\n(?!\n))*)(?:\n\n|\n?$)/;

function readKeywords(intro: string): string[] {
  const list = keywordsParagraph.exec(intro)?.[1] ?? '';
  return list
    .split(',')
    .map((word) => word.replaceAll(/\s+/g, ' ').trim())
    .filter((word) => word !== '');
}

function findHeadings(body: string): Heading[] {
  // Parsed, not matched by line: a "#" inside a code block is no heading.
  const tokens = new MarkdownIt().parse(body, {});
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open' || token.level !== 0 || token.map === null) return [];
    const text = tokens[index + 1]?.content.replaceAll(/[`*_]/g, '').trim() ?? '';
    return [{ level: Number(token.tag.slice(1)), text, start: token.map[0], end: token.map[1] }];
  });
}

/** The headings that the last one stands under, itself included, outermost first. */
function pathTo(headings: readonly Heading[]): string[] {
  const path: Heading[] = [];
  for (const heading of headings) {
    while ((path.at(-1)?.level ?? 0) >= heading.level) path.pop();
    path.push(heading);
  }
  return path.map(({ text }) => text);
}
