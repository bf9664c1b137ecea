import { describe, expect, it } from 'vitest';
import { sampleFiles } from '#playbook/sample-files';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { findConflicts, knownWords } from './find-conflicts.ts';
import type { LabelledCase } from './labelled-case.ts';

function caseOf(item: LabelledMessage, line: number): LabelledCase {
  const context = { flow: null, awaiting: null, filled: [], paused: [], waiting: 0 };
  const origin = `understanding/labelled.yaml:${line}`;
  const { text, expect: expected } = item;
  return {
    origin,
    dialogue: undefined,
    item,
    text,
    isPersonal: false,
    expect: expected,
    context,
    history: [],
  };
}

const files = sampleFiles({
  'understanding/talk.yaml': 'affirm: ["yes"]\nstatus:\n  - where is my invoice\n  - how far is it\n',
});

describe('findConflicts', () => {
  it('finds the same words under two labels, among examples and labelled messages, with their lines', () => {
    const cases = [
      caseOf({ text: 'How far is it?', expect: { command: 'hand_off' } }, 7),
      caseOf({ text: 'yes!', expect: { command: 'set_slot', slot: 'sure' } }, 8),
    ];
    expect(findConflicts(files, cases).map(({ under }) => under)).toEqual([
      [
        { label: 'hand_off', origin: 'understanding/labelled.yaml:7' },
        { label: 'digress status', origin: 'understanding/talk.yaml:4' },
      ],
      [
        { label: 'digress question billing', origin: 'agents/billing.yaml:2' },
        { label: 'digress status', origin: 'understanding/talk.yaml:3' },
      ],
    ]);
  });

  it('takes words at another place of a conversation for other ones, and no label for a closer one of it', () => {
    const awaiting = { flow: 'refund', slot: 'invoice_id' };
    const cases = [
      caseOf({ text: 'how far is it', awaiting, expect: { command: 'hand_off' } }, 1),
      caseOf({ text: 'and now', expect: { command: 'digress', digression: 'question' } }, 2),
      caseOf(
        { text: 'and now', expect: { command: 'digress', digression: 'question', topic: 'billing' } },
        3,
      ),
    ];
    const labels = findConflicts(files, cases).flatMap(({ under }) => under.map(({ label }) => label));
    expect(labels).not.toContain('hand_off');
    expect(labels).not.toContain('digress question');
  });
});

describe('knownWords', () => {
  it('holds every example that is learnt, values aside', () => {
    const known = knownWords(files);
    expect([...known]).toEqual(expect.arrayContaining(['refund #', 'where is my invoice', 'yes', 'hello']));
  });
});
