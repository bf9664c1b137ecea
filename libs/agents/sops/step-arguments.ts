import { canonicalJson, type Json } from '#contract/canonical-json';
import type { SopStep } from '#playbook/agent-spec';
import { fillTemplate, type TemplateScope } from './fill-template.ts';
import type { KnownTool } from './tool-source.ts';

export interface StepArguments {
  /** Settled by the procedure, by earlier steps, or by what the person named. */
  readonly known: Readonly<Record<string, Json>>;
  /** Of `known`, those that the SOP itself settles: nobody may ask for others. */
  readonly bound: ReadonlySet<string>;
  /** Required, and not known. */
  readonly missing: readonly string[];
}

/**
 * What a step's tool is to be called with: what the SOP writes; else what a step before it found under the same name;
 * else the one value of that name in the request.
 */
export function argumentsOf(step: SopStep, tool: KnownTool | undefined, scope: TemplateScope): StepArguments {
  const known: Record<string, Json> = {};
  const bound = new Set<string>();
  for (const [name, template] of Object.entries(step.with)) {
    const filled = fillTemplate(template, scope);
    if (!filled.ok) continue;
    known[name] = filled.value;
    bound.add(name);
  }
  for (const name of tool?.args ?? []) {
    if (Object.hasOwn(known, name)) continue;
    const value = foundBefore(name, step, scope) ?? named(name, scope);
    if (value !== undefined) known[name] = value;
  }
  const wanted = new Set([...(tool?.required ?? []), ...Object.keys(step.with)]);
  return { known, bound, missing: [...wanted].filter((name) => !Object.hasOwn(known, name)) };
}

/**
 * What is wrong with the arguments that somebody asks for, where the procedure or its results say otherwise: what the SOP
 * settles may not differ, what a step before found may not either, and a number may not exceed what was found.
 */
export function contradictionsOf(
  asked: Readonly<Record<string, Json>>,
  step: SopStep,
  { known, bound }: StepArguments,
  scope: TemplateScope,
): readonly string[] {
  return Object.entries(asked).flatMap(([name, value]) => {
    const settled = bound.has(name) ? known[name] : undefined;
    if (settled !== undefined) {
      return canonicalJson(settled) === canonicalJson(value)
        ? []
        : [`${name} has to be ${canonicalJson(settled)}`];
    }
    const found = foundBefore(name, step, scope);
    if (found !== undefined) return differs(value, found) ? [`${name} has to be ${sayLimit(found)}`] : [];
    const names = Object.hasOwn(scope.entities, name) ? (scope.entities[name] ?? []) : [];
    const isFree = names.length === 0 || names.includes(scope.request);
    const isNamed = isFree || names.some((one) => canonicalJson(one) === canonicalJson(value));
    return isNamed
      ? []
      : [`${name} has to be what the person wrote: ${names.map(canonicalJson).join(' or ')}`];
  });
}

function differs(asked: Json, found: Json): boolean {
  if (typeof found === 'number' && typeof asked === 'number') return !(asked >= 0 && asked <= found);
  return canonicalJson(asked) !== canonicalJson(found);
}

function sayLimit(found: Json): string {
  return typeof found === 'number'
    ? `from 0 to ${found}, as was found`
    : `${canonicalJson(found)}, as was found`;
}

/** A plain value of this name that a step has found: the steps right before count most, then the newest. */
function foundBefore(name: string, step: SopStep, { results }: TemplateScope): Json | undefined {
  for (const id of [...step.after.toReversed(), ...Object.keys(results).toReversed()]) {
    const data = Object.hasOwn(results, id) ? results[id] : undefined;
    if (data === null || data === undefined || typeof data !== 'object' || Array.isArray(data)) continue;
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    if (value !== undefined && value !== null && typeof value !== 'object') return value;
  }
  return undefined;
}

function named(name: string, { entities }: TemplateScope): Json | undefined {
  const values = Object.hasOwn(entities, name) ? (entities[name] ?? []) : [];
  return values.length === 1 ? values[0] : undefined;
}
