import type { Json } from '#contract/canonical-json';
import type { Condition, FlowSpec } from '../flow-spec.ts';
import type { FlowFile } from '../schemas/flow-file.ts';

/** A template or path of a flow, and where it stands. */
export interface FlowText {
  /** A template, or undefined for a path. */
  readonly template: Json | undefined;
  readonly path: string | undefined;
  readonly at: readonly PropertyKey[];
  /** What it may name: slots alone, slots and results, or the result of a check. */
  readonly scope: 'slots' | 'all' | 'result';
}

/** Everything in a flow that names slots and results. */
export function flowTexts(file: FlowFile, flow: FlowSpec): FlowText[] {
  const examples = file.examples.map((template, index) => ofTemplate(template, ['examples', index], 'slots'));
  const slots = Object.entries(file.slots).flatMap(([name, slot]) => [
    ofTemplate(slot.ask, ['slots', name, 'ask']),
    ...(slot.why === undefined ? [] : [ofTemplate(slot.why, ['slots', name, 'why'])]),
    ...slot.examples.map((template, index) =>
      ofTemplate(template, ['slots', name, 'examples', index], 'slots'),
    ),
  ]);
  return [...examples, ...slots, ...flow.steps.flatMap((step, index) => ofStep(step, ['steps', index]))];
}

function ofTemplate(template: Json, at: readonly PropertyKey[], scope: FlowText['scope'] = 'all'): FlowText {
  return { template, path: undefined, at, scope };
}

function ofStep(step: FlowSpec['steps'][number], at: readonly PropertyKey[]): FlowText[] {
  switch (step.kind) {
    case 'action':
    case 'approval':
      return ofMembers(step.with, [...at, 'with']);
    case 'branch':
      return step.cases.flatMap(({ when }, index) => ofCondition(when, [...at, 'branch', index, 'when']));
    case 'confirm':
      return [ofTemplate(step.ask, [...at, 'confirm'])];
    case 'say':
      return [ofTemplate(step.text, [...at, 'say'])];
    case 'set':
      return ofMembers(step.values, [...at, 'set']);
    case 'link':
      return 'flow' in step.to
        ? ofMembers(step.to.slots, [...at, 'link', 'slots'])
        : [ofTemplate(step.to.request, [...at, 'link', 'request'])];
    case 'check':
      return [
        ...ofMembers(step.with, [...at, 'check', 'with']),
        ...ofCondition(step.expect, [...at, 'check', 'expect'], 'result'),
        ofTemplate(step.failed, [...at, 'check', 'failed']),
      ];
    case 'collect':
      return [];
    default:
      return step satisfies never;
  }
}

function ofMembers(members: Readonly<Record<string, Json>>, at: readonly PropertyKey[]): FlowText[] {
  return Object.entries(members).map(([name, value]) => ofTemplate(value, [...at, name]));
}

/** The values that a path is compared with are templates over the flow, also in a check. */
function ofCondition(
  condition: Condition,
  at: readonly PropertyKey[],
  scope: FlowText['scope'] = 'all',
): FlowText[] {
  if ('all' in condition)
    return condition.all.flatMap((part, index) => ofCondition(part, [...at, 'all', index], scope));
  if ('any' in condition)
    return condition.any.flatMap((part, index) => ofCondition(part, [...at, 'any', index], scope));
  const path: FlowText = { template: undefined, path: condition.value, at: [...at, 'value'], scope };
  if ('is' in condition) return [path, ofTemplate(condition.is, [...at, 'is'])];
  if ('isNot' in condition) return [path, ofTemplate(condition.isNot, [...at, 'is_not'])];
  if ('oneOf' in condition) return [path, ofTemplate([...condition.oneOf], [...at, 'one_of'])];
  return [path];
}
