import type { Overview } from '#operations/overview/read-overview';
import { formatTable } from '../cli/format-table.ts';
import { type Paint, paintNothing } from '../cli/paint.ts';
import { fitText } from './fit-text.ts';
import { type Section, type Sort, sectionsOf } from './sections.ts';
import { summaryOf } from './summary.ts';

export interface TopView {
  readonly overview: Overview;
  /** An earlier look, for what is counted by the second. */
  readonly before: Overview | undefined;
  readonly place: string;
  readonly sort: Sort;
  readonly isPaused: boolean;
  /** Why there is nothing newer to see. */
  readonly trouble: string | undefined;
}

/** Of the figures, those that tell how fast it goes come first, on a line of their own. */
const mostSpeeds = 3;

/** Title and rows of each section get their share of the screen; what does not fit is counted. */
export function renderTop(view: TopView, columns: number, rows: number, paint: Paint): string[] {
  const { overview, before, place, sort, isPaused, trouble } = view;
  const width = Math.max(40, columns);
  const time = new Date(overview.at).toISOString().slice(11, 19);
  const state = trouble === undefined ? (isPaused ? 'paused' : 'live') : 'no answer';
  const title = ` vagent top  ${place}`;
  const right = `${time} UTC  ${state} `;
  const head = fitText(title, width - right.length - 1).padEnd(width - right.length) + right;
  const figures = summaryOf(overview, before).map(([name, value]) => `${name} ${value}`);
  const [speed, stock] = [figures.slice(0, mostSpeeds), figures.slice(mostSpeeds)];
  const news =
    trouble === undefined
      ? ` q quit  p ${isPaused ? 'go on' : 'pause'}  s sort by ${nextOf(sort)}`
      : ` ${trouble}`;
  const body = renderSections(sectionsOf(overview, sort), width, Math.max(4, rows - 4), paint);
  const shown = [
    paint('inverse', head),
    paint('bold', fitText(` ${speed.join('   ')}`, width)),
    paint('bold', fitText(` ${stock.join('   ')}`, width)),
    ...body,
    ...Array.from({ length: Math.max(0, rows - 4 - body.length) }, () => ''),
    trouble === undefined ? paint('dim', fitText(news, width)) : paint('red', fitText(news, width)),
  ];
  return shown.slice(0, rows);
}

function nextOf(sort: Sort): string {
  const order: Readonly<Record<Sort, Sort>> = { lag: 'oldest', oldest: 'partition', partition: 'lag' };
  return order[sort];
}

/** The same for pipes and scripts: everything, nothing cut. */
export function renderPlain({
  overview,
  before,
  sort,
}: Pick<TopView, 'overview' | 'before' | 'sort'>): string {
  const figures = summaryOf(overview, before).map(([name, value]) => `${name}: ${value}`);
  const tables = sectionsOf(overview, sort).map(
    ({ title, heading, rows, empty }) =>
      `${title}\n${rows.length === 0 ? `${empty}\n` : formatTable(heading, rows, paintNothing)}`,
  );
  return `${figures.join('\n')}\n\n${tables.join('\n')}`;
}

/** Each section needs a title and a line; what is left is dealt out in turn to those that want more. */
function renderSections(sections: readonly Section[], width: number, height: number, paint: Paint): string[] {
  const wanted = sections.map(({ rows }) => (rows.length === 0 ? 1 : rows.length + 1));
  const given = sections.map(() => 0);
  let left = height - sections.length;
  for (let round = 0; left > 0; round++) {
    const index = round % sections.length;
    const isShort = (given[index] ?? 0) < (wanted[index] ?? 0);
    if (isShort) {
      given[index] = (given[index] ?? 0) + 1;
      left -= 1;
    }
    if (given.every((amount, at) => amount >= (wanted[at] ?? 0))) break;
  }
  return sections.flatMap((section, index) => renderSection(section, width, given[index] ?? 0, paint));
}

function renderSection(
  { title, heading, rows, empty }: Section,
  width: number,
  height: number,
  paint: Paint,
): string[] {
  const room = Math.max(0, height - 1);
  const hidden = rows.length - room;
  const more = room > 0 ? `, ${hidden} more` : '';
  const name = hidden > 0 && rows.length > 0 ? ` ${title} (${rows.length}${more})` : ` ${title}`;
  const line = paint('cyan', fitText(name, width));
  if (rows.length === 0) return height === 0 ? [line] : [line, paint('dim', fitText(`   ${empty}`, width))];
  if (room === 0) return [line];
  const [top = '', ...cells] = formatTable(heading, rows.slice(0, room), paintNothing).trimEnd().split('\n');
  return [
    line,
    paint('dim', fitText(`   ${top}`, width)),
    ...cells.map((cell) => fitText(`   ${cell}`, width)),
  ];
}
