import { parseAmount } from '#agents/tools/desk/parse-amount';
import { canonicalJson, type Json } from '#contract/canonical-json';
import type { SopStep } from '#playbook/agent-spec';
import { fillTemplate, type TemplateScope } from './fill-template.ts';
import { isSameName } from './is-same-name.ts';
import type { KnownTool } from './tool-source.ts';

/** Arguments that say who somebody is. */
const identities: ReadonlySet<string> = new Set(['username', 'email']);

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
    const value = foundBefore(name, step, scope) ?? (mayGuess(name, tool) ? named(name, scope) : undefined);
    if (value !== undefined) known[name] = value;
  }
  const wanted = new Set([...(tool?.required ?? []), ...Object.keys(step.with)]);
  return { known, bound, missing: [...wanted].filter((name) => !Object.hasOwn(known, name)) };
}

/** Whom a message names, and who is to be given something, may be two: for a risky tool only the procedure says so. */
function mayGuess(name: string, tool: KnownTool | undefined): boolean {
  return tool?.risk === 'low' || !identities.has(name);
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
      return isSame(settled, value) ? [] : [`${name} has to be ${canonicalJson(settled)}`];
    }
    const found = foundBefore(name, step, scope);
    if (found !== undefined) return differs(value, found) ? [`${name} has to be ${sayLimit(found)}`] : [];
    const names = Object.hasOwn(scope.entities, name) ? (scope.entities[name] ?? []) : [];
    const isFree = names.length === 0 || names.includes(scope.request);
    const isNamed = isFree || names.some((one) => isSame(one, value));
    return isNamed
      ? []
      : [`${name} has to be what the person wrote: ${names.map(canonicalJson).join(' or ')}`];
  });
}

function differs(asked: Json, found: Json): boolean {
  if (typeof found !== 'number') return !isSame(asked, found);
  const number = numberIn(asked);
  return number === undefined || number < 0 || number > found;
}

/** `49` and `49 EUR`, `@Ann` and `ann`: a tool reads them alike. */
function isSame(one: Json, other: Json): boolean {
  if (typeof one === 'string' && typeof other === 'string') return isSameName(one, other);
  const number = numberIn(one);
  if (number !== undefined) return number === numberIn(other);
  return canonicalJson(one) === canonicalJson(other);
}

/** Of a number, of money in words (`49 EUR`), or of money in parts. */
function numberIn(asked: Json): number | undefined {
  if (typeof asked === 'number') return asked;
  if (typeof asked === 'string') return parseAmount(asked)?.value;
  const amount =
    asked !== null && typeof asked === 'object' && !Array.isArray(asked) ? asked['amount'] : undefined;
  return typeof amount === 'number' ? amount : undefined;
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
