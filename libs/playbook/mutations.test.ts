import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTests } from './check-tests.ts';
import { PlaybookError } from './errors.ts';
import { examinePlaybook } from './examine-playbook.ts';
import { parsePlaybook } from './parse-playbook.ts';
import { isTest, type PlaybookFiles } from './playbook-files.ts';
import { readDialogues } from './read-dialogues.ts';
import { readPlaybookFiles } from './read-playbook-files.ts';
import { sampleCode, sampleFiles } from './sample-files.ts';

const example = await readPlaybookFiles(
  fileURLToPath(new URL('../../services/worker/playbook', import.meta.url)),
);
const options = { reviewers: ['@ann:example.org'], code: sampleCode };

interface Mutation {
  /** Where, as a part of the whole. */
  readonly at: number;
  /** How much is taken out. */
  readonly length: number;
  readonly text: string;
}

/** What authors, editors and merges do to a file, and worse. */
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  text: fc.oneof(
    fc.constantFrom(
      '',
      '\t',
      '\n',
      '---\n',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      '&a ',
      '*a',
      '!!binary ',
      '"',
      "'",
      '\u0000',
      '\uFEFF',
    ),
    fc.constantFrom(
      '__proto__: 1\n',
      'constructor: x\n',
      '1: 2\n',
      'null',
      '~',
      '.inf',
      '<<: *a\n',
      '{a}',
      '{ a }',
      '>>>>>>> x\n',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
});

function mutate(text: string, { at, length, text: inserted }: Mutation): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + inserted + text.slice(start + length);
}

function withMutations(files: PlaybookFiles, changes: readonly [string, Mutation][]): PlaybookFiles {
  const mutated = { texts: { ...files.texts }, tests: { ...files.tests } };
  for (const [file, change] of changes) {
    const group = isTest(file) ? mutated.tests : mutated.texts;
    group[file] = mutate(group[file] ?? '', change);
  }
  return { ...files, ...mutated };
}

function throwsNothingElse(files: PlaybookFiles): void {
  const { playbook, problems } = examinePlaybook(files, options);
  expect(playbook === undefined).toBe(problems.length > 0);
  for (const { file, line, column, message, hint } of [...problems, ...checkTests(files, playbook)]) {
    expect({ file, hint, message }).not.toMatchObject({ hint: '' });
    expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    expect(message.length + hint.length).toBeLessThan(2_000);
  }
  for (const run of [() => parsePlaybook(files, options), () => readDialogues(files)]) {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(PlaybookError);
    }
  }
}

describe('whatever becomes of the files', () => {
  it('of the sample, the end is a playbook or a PlaybookError', () => {
    const files = sampleFiles({
      'dialogues/a.dialogue.yaml': 'name: A\nturns:\n  - user: hello\n    expect: { says: [Hello] }\n',
      'understanding/labelled.yaml': '- { text: refund, expect: { command: start_flow, flow: refund } }\n',
    });
    const names = Object.keys({ ...files.texts, ...files.tests });
    const change = fc.tuple(fc.constantFrom(...names), mutation);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
        throwsNothingElse(withMutations(files, changes)),
      ),
      { numRuns: 150 },
    );
  });

  it('of the example, the end is a playbook or a PlaybookError', () => {
    const names = Object.keys({ ...example.texts, ...example.tests });
    const change = fc.tuple(fc.constantFrom(...names), mutation);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
        throwsNothingElse(withMutations(example, changes)),
      ),
      { numRuns: 10 },
    );
  });
});
