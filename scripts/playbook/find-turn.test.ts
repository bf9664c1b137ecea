import { describe, expect, it } from 'vitest';
import type { Protect } from '#privacy/privacy';
import { findTurn, scriptedTurns } from './find-turn.ts';
import { readDialogue } from './read-dialogues.ts';

const protect: Protect = (text) => ({
  ok: true,
  text: text.replace('secret-1', '[API_KEY-1]'),
  items: [],
  kinds: [],
});

const dialogues = [
  'name: A\nturns:\n  - user: refund please\n  - user: "yes"\n    writes: A\n',
  'name: B\nturns:\n  - user: reset it\n  - pass: 1m\n  - user: "yes"\n    writes: B\n',
  'name: C\nturns:\n  - user: revoke secret-1\n    writes: C\n',
].map((text) => {
  const read = readDialogue('dialogues/a.dialogue.yaml', text);
  if (!read.ok) throw new Error('unreadable');
  return read.dialogue;
});
const turns = scriptedTurns(dialogues, protect);

function written(...users: readonly string[]): string | undefined {
  const messages = users.map((content) => ({ role: 'user', content }));
  return findTurn({ model: 'scripted', messages }, turns)?.turn.writes;
}

describe('findTurn', () => {
  it('tells the same message in two dialogues apart by what was said before', () => {
    expect(written('refund please', 'yes')).toBe('A');
    expect(written('reset it', 'yes')).toBe('B');
  });

  it('knows messages as a model gets them, with what is put behind them', () => {
    expect(written('revoke [API_KEY-1]')).toBe('C');
    expect(written('revoke [API_KEY-1]\n\n(Your part of it: all)')).toBe('C');
    expect(written('reset it', 'yes', 'Write the reply now.')).toBe('B');
  });

  it('finds nothing for a message that no dialogue has', () => {
    expect(
      findTurn({ model: 'scripted', messages: [{ role: 'user', content: 'what?' }] }, turns),
    ).toBeUndefined();
  });
});
