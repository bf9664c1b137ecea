import { canonicalJson, type Json } from '#contract/canonical-json';
import type { Validator } from '#dialogue/flows/validator';

const longestText = 8_000;
const mostValues = 10;
/** Types whose values could be anything: a text does not name one by containing it. */
const tooGeneral: ReadonlySet<string> = new Set(['text', 'number', 'boolean', 'choice']);

/**
 * What a person names, read by code: values by the validator that found them, each once, in their order. A type that
 * the first text does not name is looked for in the next one.
 */
export function findEntities(
  texts: readonly string[],
  validators: ReadonlyMap<string, Validator>,
): Readonly<Record<string, readonly Json[]>> {
  const found: [string, readonly Json[]][] = [];
  for (const validator of validators.values()) {
    if (tooGeneral.has(validator.name)) continue;
    const values = texts.map((text) => valuesIn(text, validator)).find(({ length }) => length > 0);
    if (values !== undefined) found.push([validator.name, values]);
  }
  return Object.fromEntries(found);
}

function valuesIn(text: string, validator: Validator): readonly Json[] {
  const values = new Map<string, Json>();
  for (const written of validator.find(text.slice(0, longestText))) {
    const read = validator.validate(written);
    if (read.ok) values.set(canonicalJson(read.value), read.value);
    if (values.size === mostValues) break;
  }
  return [...values.values()];
}
