import { readFile } from 'node:fs/promises';
import { contextOfItem } from '#dialogue/understanding/context-of-item';
import { checkTests } from '#playbook/check-tests';
import { PlaybookError } from '#playbook/errors';
import type { Playbook } from '#playbook/playbook';
import { labelledPath, type PlaybookFiles } from '#playbook/playbook-files';
import { readLabelled } from '#playbook/read-labelled';
import { readYaml } from '#playbook/read-yaml';
import { type LabelledMessage, labelledFile } from '#playbook/schemas/labelled-file';
import type { Protect } from '#privacy/privacy';
import type { LabelledCase } from './labelled-case.ts';

export interface ReadCasesDeps {
  readonly files: PlaybookFiles;
  readonly playbook: Playbook;
  readonly protect: Protect;
}

const session = '!optimise:localhost:main:@person:localhost';

/**
 * The labelled messages of a playbook, and of more files in the same format.
 *
 * @throws {PlaybookError} with every mistake in one of them.
 */
export async function readCases(more: readonly string[], deps: ReadCasesDeps): Promise<LabelledCase[]> {
  const own = deps.files.tests[labelledPath];
  const cases = own === undefined ? [] : casesIn(labelledPath, own, deps);
  for (const path of more) {
    await readLabelled(path);
    const text = await readFile(path, 'utf8');
    const problems = checkTests(
      { ...deps.files, tests: { [labelledPath]: text }, problems: [] },
      deps.playbook,
    );
    if (problems.length > 0)
      throw new PlaybookError(
        path,
        problems.map((problem) => ({ ...problem, file: path })),
      );
    cases.push(...casesIn(path, text, deps));
  }
  return cases;
}

function casesIn(file: string, text: string, { playbook, protect }: ReadCasesDeps): LabelledCase[] {
  const { value = [], problemAt } = readYaml(file, text, labelledFile);
  return value.flatMap((item, index): LabelledCase[] => {
    const arrived = protect(item.text, session);
    // What is blocked at the door is never understood.
    if (!arrived.ok) return [];
    return [
      {
        origin: `${file}:${problemAt([index], '', '').line}`,
        dialogue: undefined,
        item,
        text: arrived.text,
        isPersonal: arrived.text !== item.text,
        expect: withValue(item, protect),
        context: contextOfItem(item, playbook.flows),
        history: [],
      },
    ];
  });
}

/** A value is labelled as the person wrote it. */
function withValue({ expect }: LabelledMessage, protect: Protect): LabelledMessage['expect'] {
  const { value } = expect;
  if (typeof value !== 'string') return expect;
  const arrived = protect(value, session);
  return arrived.ok ? { ...expect, value: arrived.text } : expect;
}
