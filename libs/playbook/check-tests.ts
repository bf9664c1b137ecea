import { checkUse } from './checks/context.ts';
import { type NamedUse, namesOf, use, uses, usesOfLabelled } from './checks/labelled-uses.ts';
import type { PlaybookProblem } from './errors.ts';
import type { Playbook } from './playbook.ts';
import { isTest, labelledPath, type PlaybookFiles } from './playbook-files.ts';
import { readYaml } from './read-yaml.ts';
import { dialogueFile } from './schemas/dialogue-file.ts';
import { labelledFile } from './schemas/labelled-file.ts';

/**
 * What is wrong in the labelled set and the conversation tests. A running bot does not need them, so `parsePlaybook`
 * does not look at them.
 *
 * @param playbook where it could be parsed: names are checked against it.
 */
export function checkTests(
  { tests, problems }: PlaybookFiles,
  playbook: Playbook | undefined,
): readonly PlaybookProblem[] {
  const found = Object.entries(tests)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, text]) => {
      const isLabelled = file === labelledPath;
      const yaml = isLabelled ? readYaml(file, text, labelledFile) : readYaml(file, text, dialogueFile);
      if (yaml.value === undefined || playbook === undefined) return yaml.problems;
      const uses = 'turns' in yaml.value ? usesOfDialogue(yaml.value) : usesOfLabelled(yaml.value);
      const known = namesOf(playbook);
      return uses.flatMap((use) => checkUse(use, known[use.kind], yaml.problemAt));
    });
  return [...problems.filter(({ file }) => isTest(file)), ...found];
}

function usesOfDialogue({ turns }: ReturnType<typeof dialogueFile.parse>): NamedUse[] {
  return turns.flatMap(({ understood, analysis, approval, expect }, index) => {
    const at = ['turns', index];
    const commands = (understood ?? []).flatMap((command, place) => {
      const inside = [...at, 'understood', place];
      return [
        ...use('flow', command.flow, [...inside, 'flow']),
        ...use('slot', command.slot, [...inside, 'slot']),
        ...uses('topic', command.topics, [...inside, 'topics']),
        ...uses('flow or agent', command.options, [...inside, 'options']),
      ];
    });
    return [
      ...commands,
      ...uses('topic', analysis?.topics, [...at, 'analysis', 'topics']),
      ...use('tool', approval, [...at, 'approval']),
      ...use('flow', expect.awaiting?.flow, [...at, 'expect', 'awaiting', 'flow']),
      ...use('slot', expect.awaiting?.slot, [...at, 'expect', 'awaiting', 'slot']),
      ...uses('flow', expect.stack, [...at, 'expect', 'stack']),
      ...uses('flow', expect.paused, [...at, 'expect', 'paused']),
      ...uses('tool', expect.ran, [...at, 'expect', 'ran']),
      ...uses('tool', expect.waits, [...at, 'expect', 'waits']),
    ];
  });
}
