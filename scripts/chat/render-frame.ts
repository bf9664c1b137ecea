import type { Paint } from '../cli/paint.ts';
import { printable } from '../cli/printable.ts';
import { textWidth } from '../cli/text-width.ts';
import { type Line, layOutLine } from './line-editor.ts';
import { renderItem } from './render-item.ts';
import { displayName, openPrompts, type TabName, type TabState } from './tab.ts';
import { wrapText } from './wrap-text.ts';

/** All that a frame shows. */
export interface View {
  readonly tabs: readonly {
    readonly name: TabName;
    readonly self: string;
    readonly title: string;
    readonly state: TabState;
  }[];
  readonly active: TabName;
  readonly line: Line;
  /** Lines scrolled back from the newest. */
  readonly scrolled: number;
  /** Told once, above the line that is typed. */
  readonly note: string;
  readonly trouble: string | undefined;
  readonly isHelpShown: boolean;
  /** Moves signs that tell of work. */
  readonly tick: number;
  /** Where the same can be done in a browser. */
  readonly page?: string | undefined;
}

export interface Frame {
  readonly lines: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
  /** How far one can scroll back. */
  readonly mostScrolled: number;
}

export const suggestions = ['How do I reset my 2FA?', 'Please delete all records of project Apollo'] as const;

const mostInputRows = 4;
const dots = ['   ', '.  ', '.. ', '...'];

/** The whole screen: tabs on top, the room, what is going on, the line that is typed, the keys. */
export function renderFrame(view: View, columns: number, rows: number, paint: Paint): Frame {
  const width = Math.max(20, columns);
  const input = layOutLine(view.line, width - 3);
  const mostRows = Math.max(1, Math.min(mostInputRows, rows - 6));
  const firstRow = Math.max(0, Math.min(input.row - mostRows + 1, input.rows.length - mostRows));
  const inputRows = input.rows.slice(firstRow, firstRow + mostRows);
  const bodyRows = Math.max(1, rows - 5 - inputRows.length);
  const body = view.isHelpShown ? helpLines(width, paint) : roomLines(view, width, paint);
  const mostScrolled = Math.max(0, body.length - bodyRows);
  const end = body.length - Math.min(view.scrolled, mostScrolled);
  const shown = body.slice(Math.max(0, end - bodyRows), end);
  const blank = Array.from({ length: bodyRows - shown.length }, () => '');
  const rule = paint('dim', '─'.repeat(width));
  const prompt = (index: number): string => (index === 0 && firstRow === 0 ? paint('green', '›') : ' ');
  const lines = [
    header(view, width, paint),
    rule,
    ...shown.map((line) => cut(line, width)),
    ...blank,
    cut(newsLine(view, mostScrolled, paint), width),
    rule,
    ...inputRows.map((row, index) => ` ${prompt(index)} ${row}`),
    cut(paint('dim', ` ${keysLine(view)}`), width),
  ];
  const row = lines.length - 1 - inputRows.length + (input.row - firstRow);
  // Where not even these have room, the line that is typed is what counts.
  const hidden = Math.max(0, lines.length - Math.max(2, rows));
  const cursor = { row: row - hidden, column: input.column + 3 };
  return { lines: lines.slice(hidden), cursor, mostScrolled };
}

function header(view: View, width: number, paint: Paint): string {
  const tabs = view.tabs.map(({ name, state }) => {
    const waiting = name === 'reviewer' ? openPrompts(state).length : 0;
    const badge = waiting > 0 ? ` ${waiting} to decide` : state.unread > 0 ? ` ${state.unread} new` : '';
    const text = ` ${name}${badge} `;
    // Without colours, signs have to tell which one it is.
    const marked = paint('inverse', text);
    if (name === view.active) return marked === text ? `[${text.trim()}]` : marked;
    return badge === '' ? paint('dim', text) : paint('yellow', paint('bold', text));
  });
  const left = ` ${paint('bold', 'vagent')}  ${tabs.join(' ')}`;
  const title = printable(view.tabs.find(({ name }) => name === view.active)?.title ?? '').replaceAll(
    '\n',
    ' ',
  );
  const right =
    view.trouble === undefined
      ? `${paint('dim', title)} ${paint('green', '●')} `
      : `${paint('red', '● no homeserver')} `;
  const gap = width - textWidth(left) - textWidth(right);
  return gap > 0 ? left + ' '.repeat(gap) + right : cut(left, width);
}

function roomLines(view: View, width: number, paint: Paint): string[] {
  const tab = view.tabs.find(({ name }) => name === view.active);
  if (tab === undefined) return [];
  const { state, self } = tab;
  const surroundings = { self, names: state.names, width: width - 2, paint };
  const items = state.items.flatMap((item) => [...renderItem(item, surroundings), '']);
  const unsent = state.unsent.flatMap(({ text }) => [
    paint('dim', displayName(state.names, self)),
    ...wrapText(printable(text), width - 4).map((line) => `  ${paint('dim', line)}`),
    '',
  ]);
  const isEmpty = items.length + unsent.length === 0;
  const welcome = isEmpty ? welcomeLines(view, width, paint) : [];
  return [...welcome, ...items, ...unsent].slice(0, isEmpty ? undefined : -1).map((line) => ` ${line}`);
}

function welcomeLines({ active, page }: View, width: number, paint: Paint): string[] {
  const wrap = (text: string): string[] => wrapText(text, width - 4);
  if (active === 'reviewer') {
    return [
      '',
      ...wrap(
        'This is the admin room. When the bot wants to do something risky, it asks here, and you decide.',
      ),
    ];
  }
  return [
    '',
    ...wrap('Talk to the bot as anybody would in a Matrix room. For a start, press 1 or 2 and Enter:'),
    '',
    ...suggestions.map((text, index) => `  ${paint('cyan', String(index + 1))}  ${text}`),
    '',
    ...wrap(
      'The first is answered from the knowledge of the example playbook. The second is risky: a reviewer has to approve it, and with Tab that is you, too.',
    ).map((line) => paint('dim', line)),
    ...(page === undefined
      ? []
      : [
          '',
          ...wrap('Or be both at once in a browser, by a link that works once:'),
          `  ${paint('cyan', page)}`,
        ]),
  ];
}

function newsLine(view: View, mostScrolled: number, paint: Paint): string {
  const tab = view.tabs.find(({ name }) => name === view.active);
  if (view.note !== '') return ` ${paint('yellow', printable(view.note).replaceAll('\n', ' '))}`;
  if (view.trouble !== undefined) return ` ${paint('red', printable(view.trouble))}`;
  const waiting = openPrompts(view.tabs.find(({ name }) => name === 'reviewer')?.state ?? { items: [] });
  if (view.active === 'you' && waiting.length > 0) {
    return ` ${paint('yellow', 'The bot asks for an approval. Press Tab to be the reviewer')}`;
  }
  if (Math.min(view.scrolled, mostScrolled) > 0) return ` ${paint('dim', 'PgDn for what is newer')}`;
  const typing = tab?.state.typing.map((id) => printable(displayName(tab.state.names, id))) ?? [];
  if (typing.length > 0)
    return ` ${paint('dim', `${typing.join(', ')} ${typing.length === 1 ? 'is' : 'are'} typing${dots[view.tick % dots.length] ?? ''}`)}`;
  return '';
}

function keysLine(view: View): string {
  if (view.isHelpShown) return 'any key goes back';
  const prompts = openPrompts(view.tabs.find(({ name }) => name === 'reviewer')?.state ?? { items: [] });
  if (view.active === 'reviewer' && prompts.length > 0 && view.line.signs.length === 0) {
    return '1 approve  2 reject  3 edit  4 respond  ·  Tab you  ·  /help  ·  Ctrl-C quits';
  }
  const other = view.tabs.find(({ name }) => name !== view.active);
  return [...(other === undefined ? [] : [`Tab ${other.name}`]), 'PgUp/PgDn', '/help', 'Ctrl-C quits'].join(
    '  ·  ',
  );
}

function helpLines(width: number, paint: Paint): string[] {
  const rows = [
    ['Tab, /you, /reviewer', 'be the user, or the reviewer in the admin room'],
    ['/approve', 'let it run, exactly as the prompt shows it'],
    ['/reject because …', 'do not let it run, and say why'],
    ['/edit {"name": …}', 'let it run with other arguments'],
    ['/respond …', 'answer the bot instead'],
    ['… CODE', 'after any of the four: which approval, where several wait'],
    ['PgUp, PgDn', 'scroll'],
    ['Up, Down', 'what was typed before'],
    ['/quit, Ctrl-C', 'leave'],
  ] as const;
  const lines = rows.flatMap(([keys, what]) =>
    wrapText(what, Math.max(10, width - 27)).map(
      (line, index) => ` ${paint('cyan', (index === 0 ? keys : '').padEnd(22))} ${line}`,
    ),
  );
  return ['', ` ${paint('bold', 'Everything else that you type is said in the room.')}`, '', ...lines];
}

function cut(text: string, width: number): string {
  return textWidth(text) <= width ? text : (wrapText(text, width)[0] ?? '');
}
