import { describe, expect, it } from 'vitest';
import { paintAnsi, paintNothing } from '../cli/paint.ts';
import { textWidth } from '../cli/text-width.ts';
import type { Item } from './item.ts';
import { lineOf } from './line-editor.ts';
import { renderFrame, type View } from './render-frame.ts';
import { emptyTab } from './tab.ts';

const item = (
  id: string,
  text: string,
  kind: Item['kind'] = 'message',
  sender = '@vagent:localhost',
): Item => ({
  id,
  sender,
  text,
  kind,
  approval: undefined,
  answers: undefined,
  isEdited: false,
  reactions: [],
});
const prompt =
  'Approval needed\nAction 1 of 1: delete_records, digest 1a2b3c4d\n    {"project":"Apollo"}\nRequested by: @you:localhost\nRisk: high\nExpires: 2026-11-20 21:00 UTC (1 h after the request)\nCode: 7K3Q9D\nAnswer: reply here';

function view(changed: Partial<View> = {}, items: { you?: Item[]; reviewer?: Item[] } = {}): View {
  return {
    tabs: [
      {
        name: 'you',
        self: '@you:localhost',
        title: 'Talk to vagent',
        state: { ...emptyTab, items: items.you ?? [] },
      },
      {
        name: 'reviewer',
        self: '@reviewer:localhost',
        title: 'vagent admin',
        state: { ...emptyTab, items: items.reviewer ?? [] },
      },
    ],
    active: 'you',
    line: lineOf(''),
    scrolled: 0,
    note: '',
    trouble: undefined,
    isHelpShown: false,
    tick: 0,
    ...changed,
  };
}

describe('renderFrame', () => {
  it('fills the screen exactly, whatever its size and what is on it', () => {
    const items = Array.from({ length: 40 }, (_, index) =>
      item(`$${index}`, `**Line** ${index} ${'完了 '.repeat(30)}`),
    );
    const reviewer = [...items, item('$p', prompt, 'approval')];
    for (const [columns, rows] of [
      [80, 24],
      [40, 12],
      [22, 9],
      [80, 6],
      [80, 3],
      [200, 60],
    ] as const) {
      for (const active of ['you', 'reviewer'] as const) {
        const line = lineOf('x'.repeat(500));
        const { lines, cursor } = renderFrame(
          view({ active, line, note: 'n'.repeat(300) }, { you: items, reviewer }),
          columns,
          rows,
          paintAnsi,
        );
        expect(lines).toHaveLength(rows);
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns);
        expect(cursor.row).toBeLessThan(rows);
        // Behind the last sign of what is typed.
        expect(lines[cursor.row]).toMatch(/^ .* x+$/);
        expect(cursor.column).toBeLessThan(columns);
      }
    }
  });

  it('marks the tab that is shown by signs where there are no colours', () => {
    const [header] = renderFrame(view({ active: 'reviewer' }), 80, 24, paintNothing).lines;
    expect(header).toMatch(/ you +\[reviewer\] /);
  });

  it('suggests what to ask in an empty room', () => {
    const text = renderFrame(view(), 80, 24, paintNothing).lines.join('\n');
    expect(text).toContain('1  How do I reset my 2FA?');
    expect(text).toContain('2  Please delete all records of project Apollo');
  });

  it('shows a waiting approval as a card, with the keys to decide', () => {
    const reviewer = [item('$p', prompt, 'approval')];
    const text = renderFrame(view({ active: 'reviewer' }, { reviewer }), 80, 24, paintNothing).lines.join(
      '\n',
    );
    expect(text).toMatch(/╭─ Approval needed ─+ code 7K3Q9D ─╮/);
    expect(text).toMatch(/│ {3}\{"project":"Apollo"\} +│/);
    expect(text).toMatch(/│ from +@you:localhost +│/);
    expect(text).toContain('1 approve  2 reject  3 edit  4 respond');
  });

  it('tells the user that a reviewer is asked', () => {
    const items = {
      you: [item('$a', 'Please delete', 'message', '@you:localhost')],
      reviewer: [item('$p', prompt, 'approval')],
    };
    const text = renderFrame(view({}, items), 80, 24, paintNothing).lines.join('\n');
    expect(text).toContain('reviewer 1 to decide');
    expect(text).toContain('Press Tab to be the reviewer');
  });

  it('marks a draft as one that grows', () => {
    const text = renderFrame(
      view({}, { you: [item('$a', 'To reset', 'draft')] }),
      80,
      24,
      paintNothing,
    ).lines.join('\n');
    expect(text).toContain('To reset▌');
  });

  it('scrolls back no further than to the first line', () => {
    const you = Array.from({ length: 40 }, (_, index) => item(`$${index}`, `line ${index}`));
    const frame = renderFrame(view({ scrolled: 10_000 }, { you }), 80, 24, paintNothing);
    expect(frame.lines.join('\n')).toContain('line 0');
    expect(frame.mostScrolled).toBeGreaterThan(0);
  });
});
