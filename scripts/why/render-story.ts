import type { Story, StoryLine } from '#operations/story/story';
import { wrapText } from '../chat/wrap-text.ts';
import type { Paint, Style } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import { textWidth } from '../cli/text-width.ts';
import { sinceText } from './since-text.ts';

const signs: Readonly<Record<StoryLine['kind'], readonly [sign: string, style: Style]>> = {
  received: ['▶', 'cyan'],
  turn: ['│', 'dim'],
  understood: ['│', 'magenta'],
  step: ['│', 'dim'],
  asked: ['?', 'yellow'],
  decided: ['✓', 'green'],
  ran: ['▪', 'green'],
  posted: ['◀', 'cyan'],
  failed: ['✗', 'red'],
  waiting: ['…', 'yellow'],
  cost: ['│', 'dim'],
};

/** Times, a sign, the text; fine print below it. The first time is told whole, the others since then. */
const timeWidth = 9;
const margin = timeWidth + 5;

/** The story for a terminal of so many columns: what happened, in order, with the time since it began. */
export function renderStory({ event, session, lines, gaps }: Story, columns: number, paint: Paint): string {
  const began = lines.find(({ at }) => at !== null)?.at ?? null;
  const head = [
    `${paint('bold', 'Why')} ${printable(event)}`,
    paint('dim', printable(session)),
    ...(began === null ? [] : [paint('dim', `began ${began.slice(0, 19).replace('T', ' ')} UTC`)]),
    '',
  ];
  let told = '';
  const body = lines.flatMap((line) => {
    const since =
      line.at === null || began === null ? '' : sinceText(Date.parse(line.at) - Date.parse(began));
    const time = since === told ? '' : since;
    if (since !== '') told = since;
    return renderLine(line, time, columns, paint);
  });
  const missing = gaps.flatMap((gap) =>
    wrapped(gap, columns - 2).map((text) => paint('yellow', `  ${text}`)),
  );
  return `${[...head, ...body, ...(missing.length === 0 ? [] : ['', ...missing])].join('\n')}\n`;
}

function renderLine(
  { kind, text, details }: StoryLine,
  time: string,
  columns: number,
  paint: Paint,
): string[] {
  const [sign, style] = signs[kind];
  const width = columns - margin;
  const isLoud = kind === 'received' || kind === 'posted' || kind === 'failed' || kind === 'decided';
  const main = wrapped(text, width).map((part, index) => {
    const left = index === 0 ? time.padStart(timeWidth) : ' '.repeat(timeWidth);
    const shownSign = index === 0 ? paint(style, sign) : paint('dim', '│');
    return `${paint('dim', left)}  ${shownSign}  ${isLoud ? paint('bold', part) : part}`;
  });
  const fine = foldDetails(details, width - 2).map(
    (part) => `${' '.repeat(timeWidth)}  ${paint('dim', `│    ${part}`)}`,
  );
  return [...main, ...fine];
}

/** Short details share a line; a long one is broken. */
function foldDetails(details: readonly string[], width: number): string[] {
  const rows: string[] = [];
  for (const detail of details.map(oneLine).filter((text) => text !== '')) {
    const before = rows.at(-1);
    const joined = before === undefined ? detail : `${before} · ${detail}`;
    if (before !== undefined && textWidth(joined) <= Math.min(width, 76)) rows[rows.length - 1] = joined;
    else rows.push(...wrapped(detail, width));
  }
  return rows;
}

function wrapped(text: string, width: number): string[] {
  return wrapText(oneLine(text), Math.max(20, width));
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim());
}
