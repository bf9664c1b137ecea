import { checkUse, type Use } from './checks/context.ts';
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

type Kind = 'flow' | 'topic' | 'slot' | 'tool' | 'flow or agent';
type NamedUse = Use & { readonly kind: Kind };

function namesOf({ agents, flows, toolPolicies }: Playbook): Record<Kind, ReadonlySet<string>> {
  const slots = [...flows.values()].flatMap((flow) => [
    ...flow.slots.keys(),
    ...flow.steps.flatMap(({ kind, id }) => (kind === 'confirm' ? [id] : [])),
  ]);
  return {
    flow: new Set(flows.keys()),
    topic: new Set([...agents.keys(), 'unknown']),
    slot: new Set(slots),
    tool: new Set(toolPolicies.keys()),
    'flow or agent': new Set([...flows.keys(), ...agents.keys()]),
  };
}

function use(kind: Kind, name: string | null | undefined, path: readonly PropertyKey[]): NamedUse[] {
  return typeof name === 'string' ? [{ kind, name, path }] : [];
}

function uses(kind: Kind, names: readonly string[] | undefined, path: readonly PropertyKey[]): NamedUse[] {
  return (names ?? []).flatMap((name, index) => use(kind, name, [...path, index]));
}

function usesOfLabelled(items: ReturnType<typeof labelledFile.parse>): NamedUse[] {
  return items.flatMap(({ awaiting, paused, expect }, index) => [
    ...use('flow', awaiting?.flow, [index, 'awaiting', 'flow']),
    ...use('slot', awaiting?.slot, [index, 'awaiting', 'slot']),
    ...uses('flow', paused, [index, 'paused']),
    ...use('flow', expect.flow, [index, 'expect', 'flow']),
    ...use('slot', expect.slot, [index, 'expect', 'slot']),
    ...use('topic', expect.topic, [index, 'expect', 'topic']),
    ...uses('topic', expect.topics, [index, 'expect', 'topics']),
  ]);
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
