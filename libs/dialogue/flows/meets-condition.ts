import { canonicalJson, type Json } from '#contract/canonical-json';
import type { Condition } from '#playbook/flow-spec';
import { fillJson, namesIn } from './fill-template.ts';
import { readPath, type Scope } from './read-path.ts';

/**
 * Whether a condition without templates holds. What is missing is not known, is the same as null, and is neither above
 * nor below anything.
 */
export function meetsCondition(condition: Condition, scope: Scope): boolean {
  if ('all' in condition) return condition.all.every((part) => meetsCondition(part, scope));
  if ('any' in condition) return condition.any.some((part) => meetsCondition(part, scope));
  const value = readPath(scope, condition.value);
  if ('known' in condition) return (value !== undefined && value !== null) === condition.known;
  if ('is' in condition) return isSame(value, condition.is);
  if ('isNot' in condition) return !isSame(value, condition.isNot);
  if ('oneOf' in condition) return condition.oneOf.some((option) => isSame(value, option));
  if (typeof value !== 'number') return false;
  return 'above' in condition ? value > condition.above : value < condition.below;
}

/** A condition as plain JSON. */
export type ResolvedCondition =
  | { value: string; is: Json }
  | { value: string; isNot: Json }
  | { value: string; above: number }
  | { value: string; below: number }
  | { value: string; oneOf: Json[] }
  | { value: string; known: boolean }
  | { all: ResolvedCondition[] }
  | { any: ResolvedCondition[] };

/** The same condition with its templates filled, once: what a person wrote is never read as a template. */
export function resolveCondition(condition: Condition, scope: Scope): ResolvedCondition {
  const fixed = (json: Json): Json => fillJson(json, scope) ?? null;
  if ('all' in condition) return { all: condition.all.map((part) => resolveCondition(part, scope)) };
  if ('any' in condition) return { any: condition.any.map((part) => resolveCondition(part, scope)) };
  if ('is' in condition) return { value: condition.value, is: fixed(condition.is) };
  if ('isNot' in condition) return { value: condition.value, isNot: fixed(condition.isNot) };
  if ('oneOf' in condition) return { value: condition.value, oneOf: condition.oneOf.map(fixed) };
  return { ...condition };
}

/** The first names of all paths that a condition reads. */
export function namesInCondition(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(namesInCondition);
  if ('any' in condition) return condition.any.flatMap(namesInCondition);
  const { value, ...rest } = condition;
  return [value.split('.')[0] ?? '', ...Object.values(rest).flatMap((json: Json) => namesIn(json))];
}

function isSame(value: Json | undefined, other: Json): boolean {
  return canonicalJson(value ?? null) === canonicalJson(other);
}
