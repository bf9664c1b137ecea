import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../../api/live.ts';
import { type HeldEvents, holdNewer, holdOlder, nothingHeld } from './hold-events.ts';

const about = (turn: number) => ({
  id: `${turn}-0,${turn}-0,${turn}-0`,
  session: '!r:x:main:@ana:x',
  turn: `$${turn}`,
  at: new Date(turn * 1_000).toISOString(),
});
const message = (turn: number): LiveEvent => ({
  ...about(turn),
  event: 'message',
  sender: '@ana:x',
  text: String(turn),
});
const draft = (turn: number, revision: number): LiveEvent => ({
  ...about(turn),
  event: 'draft',
  reply: `$${turn}#reply`,
  text: `draft ${revision}`,
  revision,
});
const reply = (turn: number): LiveEvent => ({
  ...about(turn),
  event: 'reply',
  reply: `$${turn}#reply`,
  text: 'done',
});
const turnsOf = ({ byIdentity }: HeldEvents): string[] => [...byIdentity.values()].map(({ turn }) => turn);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('what is held of a conversation', () => {
  it('does not grow without end: ten thousand events leave the newest, and where to go on for the rest', () => {
    let held = holdNewer(nothingHeld, range(1, 300).map(message), { older: 'before 1', most: 600 });
    expect(held.older).toBe('before 1');
    for (const turn of range(301, 2_300)) {
      const live = [message(turn), ...range(1, 3).map((revision) => draft(turn, revision)), reply(turn)];
      for (const event of live) held = holdNewer(held, [event], { older: null, most: 600 });
      expect(held.byIdentity.size).toBeLessThanOrEqual(600);
    }
    expect(turnsOf(held)).toEqual(range(2_001, 2_300).flatMap((turn) => [`$${turn}`, `$${turn}`]));
    expect(held.older).toBe(about(2_001).id);
  });

  it('has one text of each reply: the newest draft, and then what was sent, whatever comes late', () => {
    let held = nothingHeld;
    for (const event of [draft(1, 1), draft(1, 3), draft(1, 2)]) {
      held = holdNewer(held, [event], { older: null, most: 10 });
    }
    expect([...held.byIdentity.values()]).toEqual([draft(1, 3)]);
    for (const event of [reply(1), draft(1, 4)]) held = holdNewer(held, [event], { older: null, most: 10 });
    expect([...held.byIdentity.values()]).toEqual([reply(1)]);
  });

  it('grows backwards by pages, each thing once, until nothing older is kept', () => {
    const first = holdNewer(nothingHeld, range(5, 8).map(message), { older: 'before 5', most: 10 });
    const more = holdOlder(first, { events: range(3, 5).map(message), older: 'before 3' });
    const all = holdOlder(more, { events: range(1, 2).map(message), older: null });
    expect(turnsOf(all)).toEqual(range(1, 8).map((turn) => `$${turn}`));
    expect([more.older, all.older]).toEqual(['before 3', null]);
    // What is asked for again and again knows nothing of it.
    const again = holdNewer(all, range(5, 9).map(message), { older: 'before 5', most: 10 });
    expect(turnsOf(again)).toEqual(range(1, 9).map((turn) => `$${turn}`));
    expect(again.older).toBeNull();
  });
});
