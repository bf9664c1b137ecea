import type { Paint } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import { textWidth } from '../cli/text-width.ts';
import type { PromptCard } from './read-prompt.ts';
import { wrapText } from './wrap-text.ts';

const widest = 78;
const leastWidth = 24;
/** How to answer is told by the keys below the card, and the code stands in its head. */
const leftOut = new Set(['Answer', 'Code', 'Risk']);
const shortNames: Readonly<Record<string, string>> = {
  'Requested by': 'from',
  Reason: 'reason',
  Context: 'context',
};

/** An approval prompt as a framed card: what would run, for whom, until when; or what became of it. */
export function renderCard(card: PromptCard, width: number, paint: Paint): string[] {
  const outer = Math.max(leastWidth, Math.min(width, widest));
  const inner = outer - 4;
  const isOpen = card.outcome.length === 0;
  const tone = isOpen ? 'yellow' : 'dim';
  const edge = (text: string): string => paint(tone, text);
  const lines = isOpen ? openLines(card, inner, paint) : closedLines(card, inner, paint);
  const framed = lines.map(
    (line) => `${edge('│')} ${line}${' '.repeat(Math.max(0, inner - textWidth(line)))} ${edge('│')}`,
  );
  const title = isOpen ? 'Approval needed' : 'Approval';
  return [
    rule('╭', '╮', title, `code ${printable(card.code)}`, outer, edge),
    ...framed,
    edge(`╰${'─'.repeat(outer - 2)}╯`),
  ];
}

function openLines(card: PromptCard, inner: number, paint: Paint): string[] {
  const risk = card.risk === 'high' ? paint('red', 'high') : printable(card.risk);
  const facts = card.facts
    .filter(
      ([name]) =>
        !leftOut.has(name) && !(name === 'Thread' && card.facts.some(([, value]) => value === 'none')),
    )
    .flatMap(([name, value]) =>
      fact((shortNames[name] ?? name).toLowerCase(), printable(value), inner, paint),
    );
  return [...actionLines(card, inner, paint), ...facts, ...fact('risk', risk, inner, paint)];
}

function closedLines(card: PromptCard, inner: number, paint: Paint): string[] {
  const [verdict = '', ...notes] = card.outcome.map(printable);
  return [
    ...wrapText(verdict, inner).map((line) => paint('bold', line)),
    ...notes.flatMap((note) => wrapText(note, inner)),
    ...card.actions.map(({ name, args }) =>
      paint('dim', cut(`${printable(name)} ${printable(args)}`, inner)),
    ),
  ];
}

function actionLines({ actions }: PromptCard, inner: number, paint: Paint): string[] {
  return actions.flatMap(({ name, args }) => [
    paint('bold', cut(printable(name), inner)),
    ...wrapText(printable(args), inner - 2).map((line) => `  ${paint('cyan', line)}`),
  ]);
}

function fact(name: string, value: string, inner: number, paint: Paint): string[] {
  const column = 9;
  return wrapText(value, inner - column).map(
    (line, index) => paint('dim', (index === 0 ? name : '').padEnd(column)) + line,
  );
}

function rule(
  left: string,
  right: string,
  title: string,
  note: string,
  outer: number,
  edge: (text: string) => string,
): string {
  const bar = '─'.repeat(Math.max(1, outer - textWidth(title) - textWidth(note) - 8));
  return edge(`${left}─ ${title} ${bar} ${note} ─${right}`);
}

function cut(text: string, width: number): string {
  return wrapText(text, width - 1).length === 1 ? text : `${wrapText(text, width - 1)[0] ?? ''}…`;
}
