import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTests } from './check-tests.ts';
import { PlaybookError, type PlaybookProblem } from './errors.ts';
import { parsePlaybook } from './parse-playbook.ts';
import { readDialogues } from './read-dialogues.ts';
import { readLabelled } from './read-labelled.ts';
import { sampleFiles, sampleOptions } from './sample-files.ts';

const labelled = 'understanding/labelled.yaml';
const dialogue = 'dialogues/a.dialogue.yaml';
const good = {
  [labelled]:
    '- { text: it is INV-1, awaiting: { flow: refund, slot: invoice_id }, expect: { command: set_slot, slot: invoice_id, value: INV-1 } }\n' +
    '- { text: "yes", awaiting: { flow: refund, slot: sure }, paused: [feedback], expect: { command: set_slot, topics: [billing, unknown], risk: none } }\n',
  [dialogue]: `name: A refund
turns:
  - user: refund please
    understood: [{ command: start_flow, flow: refund }]
    expect: { says: [Which], awaiting: { flow: refund, slot: invoice_id } }
  - approval: refund_invoice
    decide: approve
    expect: { ran: [refund_invoice], waits: [] }
  - pass: 10m
`,
};

function problemsOf(changes: Record<string, string>): readonly PlaybookProblem[] {
  const files = sampleFiles({ ...good, ...changes });
  return checkTests(files, parsePlaybook(files, sampleOptions));
}

describe('checkTests', () => {
  it('finds nothing wrong in tests that name what there is', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it.each<[string, Record<string, string>, Partial<PlaybookProblem>]>([
    [
      'a command that is not known',
      { [labelled]: '- { text: hi, expect: { command: begin_flow } }\n' },
      { file: labelled, line: 1, column: 25, hint: expect.stringContaining('start_flow, set_slot') },
    ],
    [
      'a flow that is not known',
      { [labelled]: '- { text: hi, expect: { command: start_flow, flow: refunds } }\n' },
      { line: 1, column: 46, message: 'there is no flow "refunds"', hint: 'Did you mean "refund"?' },
    ],
    [
      'a slot that is not known',
      { [labelled]: '- { text: hi, expect: { command: set_slot, slot: invoice } }\n' },
      { message: 'there is no slot "invoice"' },
    ],
    [
      'a topic that is not known',
      { [labelled]: '- { text: hi, expect: { command: digress, topic: sales } }\n' },
      { message: 'there is no topic "sales"' },
    ],
    [
      'a tool that nothing uses',
      { [dialogue]: 'name: A\nturns:\n  - { approval: refund, decide: approve }\n' },
      { file: dialogue, line: 3, column: 7, message: 'there is no tool "refund"' },
    ],
    [
      'a flow on the stack that is not known',
      { [dialogue]: 'name: A\nturns:\n  - user: hi\n    expect: { stack: [x] }\n' },
      { line: 4, message: 'there is no flow "x"' },
    ],
    [
      'a turn of two kinds',
      { [dialogue]: 'name: A\nturns:\n  - { user: hi, pass: 10m }\n' },
      { line: 3, hint: 'Write one of user, approval, pass or person' },
    ],
    [
      'a decision that is none',
      { [dialogue]: 'name: A\nturns:\n  - { approval: refund_invoice, decide: maybe }\n' },
      { line: 3, hint: 'Write approve, reject, edit or respond' },
    ],
  ])('tells place and remedy of %s', (_, changes, problem) => {
    expect(problemsOf(changes)).toContainEqual(expect.objectContaining(problem));
  });
});

describe('readDialogues', () => {
  it('gives dialogues with their files and lines', () => {
    const [first] = readDialogues(sampleFiles(good));
    expect(first).toMatchObject({ file: dialogue, name: 'A refund', user: '@ann:example.org' });
    expect([first?.lineOf(1), first?.lineOf(1, 'ran')]).toEqual([6, 8]);
  });

  it('throws every mistake', () => {
    expect(() => readDialogues(sampleFiles({ [dialogue]: 'name: A\nturns: []\n' }))).toThrow(PlaybookError);
  });
});

describe('readLabelled', () => {
  it('reads a set, and says what is wrong with a file that is none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'vagent-labelled-'));
    const file = join(dir, 'mine.yaml');
    await writeFile(file, good[labelled]);
    expect(await readLabelled(file)).toHaveLength(2);
    await writeFile(file, 'text: not a list\n');
    await expect(readLabelled(file)).rejects.toThrow(/mine\.yaml:1:1 the file: .* Write a list of/);
    await expect(readLabelled(dir)).rejects.toThrow(/is no file/);
    await rm(dir, { recursive: true });
    await expect(readLabelled(file)).rejects.toThrow(PlaybookError);
  });
});
