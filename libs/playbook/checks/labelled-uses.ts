import type { Playbook } from '../playbook.ts';
import type { LabelledMessage } from '../schemas/labelled-file.ts';
import type { Use } from './context.ts';

export type Kind = 'flow' | 'topic' | 'slot' | 'tool' | 'flow or agent';
export type NamedUse = Use & { readonly kind: Kind };

/** What may be named, by kind. */
export function namesOf({
  agents,
  flows,
  toolPolicies,
}: Pick<Playbook, 'flows' | 'toolPolicies'> & { readonly agents: ReadonlyMap<string, unknown> }): Record<
  Kind,
  ReadonlySet<string>
> {
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

/** A use of a name, where it is one. */
export function use(kind: Kind, name: string | null | undefined, path: readonly PropertyKey[]): NamedUse[] {
  return typeof name === 'string' ? [{ kind, name, path }] : [];
}

export function uses(
  kind: Kind,
  names: readonly string[] | undefined,
  path: readonly PropertyKey[],
): NamedUse[] {
  return (names ?? []).flatMap((name, index) => use(kind, name, [...path, index]));
}

/** The names in labelled messages; `at` is the path of their list. */
export function usesOfLabelled(
  items: readonly LabelledMessage[],
  at: readonly PropertyKey[] = [],
): NamedUse[] {
  return items.flatMap(({ awaiting, paused, expect }, index) => [
    ...use('flow', awaiting?.flow, [...at, index, 'awaiting', 'flow']),
    ...use('slot', awaiting?.slot, [...at, index, 'awaiting', 'slot']),
    ...uses('flow', paused, [...at, index, 'paused']),
    ...use('flow', expect.flow, [...at, index, 'expect', 'flow']),
    ...use('slot', expect.slot, [...at, index, 'expect', 'slot']),
    ...use('topic', expect.topic, [...at, index, 'expect', 'topic']),
    ...uses('topic', expect.topics, [...at, index, 'expect', 'topics']),
  ]);
}
