import type { Paint } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import { textWidth } from '../cli/text-width.ts';
import { wrapText } from './wrap-text.ts';

/** Markdown of strangers as lines of a terminal, at most `width` columns wide: the common signs, lightly. */
export function renderMarkdown(markdown: string, width: number, paint: Paint): string[] {
  const lines: string[] = [];
  let isCode = false;
  for (const line of printable(markdown).split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    else if (isCode) lines.push(...indented(line, '  ', width, (text) => paint('cyan', text)));
    else lines.push(...renderLine(line, width, paint));
  }
  return lines;
}

function renderLine(line: string, width: number, paint: Paint): string[] {
  const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
  if (heading !== undefined) return indented(heading, '', width, (text) => paint('bold', text));
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [paint('dim', '─'.repeat(Math.min(width, 24)))];
  const quote = /^>\s?(.*)$/.exec(line)?.[1];
  if (quote !== undefined)
    return hanging(paint('dim', '▎ '), paint('dim', '▎ '), inline(quote, paint), width);
  const [, blanks = '', sign, item] = /^(\s*)([-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line) ?? [];
  if (sign !== undefined && item !== undefined) {
    const bullet = /\d/.test(sign) ? sign : '•';
    const first = `${blanks}${bullet} `;
    return hanging(first, ' '.repeat(textWidth(first)), inline(item, paint), width);
  }
  return wrapText(inline(line, paint), width);
}

/** Emphasis, code, links and struck text within a line. Code is taken first: nothing inside it has a meaning. */
function inline(text: string, paint: Paint): string {
  return text
    .split(/(`+[^`]+`+)/)
    .map((part) => {
      const code = /^(`+)([^`]+)\1$/.exec(part)?.[2];
      if (code !== undefined) return paint('cyan', code);
      return part
        .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, (_, label: string, url: string) =>
          label === url ? paint('underline', url) : `${paint('underline', label)} (${url})`,
        )
        .replaceAll(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, (_, __, strong: string) => paint('bold', strong))
        .replaceAll(/(?<![\w*_])([*_])(?=\S)([^*_]+?)(?<=\S)\1(?![\w*_])/g, (_, __, soft: string) =>
          paint('italic', soft),
        )
        .replaceAll(/\\([\\`*_{}[\]()#+\-.!>~|])/g, '$1');
    })
    .join('');
}

function indented(text: string, blanks: string, width: number, style: (text: string) => string): string[] {
  return wrapText(text, width - textWidth(blanks)).map((line) => blanks + style(line));
}

function hanging(first: string, next: string, text: string, width: number): string[] {
  return wrapText(text, Math.max(8, width - textWidth(first))).map(
    (line, index) => (index === 0 ? first : next) + line,
  );
}
