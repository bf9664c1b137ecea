import { serialiseError } from './serialise-error.ts';

const deepest = 8;

/**
 * A copy of what is to be logged, with the values of the `hidden` keys covered at every depth, errors made plain
 * (`serialiseError`), and what lies deeper than eight levels left out. Dates and other values with a form of their own
 * (`toJSON`) stay as they are.
 */
export function concealFields(
  fields: Readonly<Record<string, unknown>>,
  hidden: ReadonlySet<string>,
  cover: string,
): Record<string, unknown> {
  const conceal = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Error) return serialiseError(value);
    if ('toJSON' in value && typeof value.toJSON === 'function') return value;
    if (depth > deepest) return '[too deep]';
    if (Array.isArray(value)) return value.map((item) => conceal(item, depth + 1));
    return concealKeys(value, depth);
  };
  const concealKeys = (object: object, depth: number): Record<string, unknown> => {
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(object)) {
      copy[key] = hidden.has(key) ? cover : conceal(value, depth + 1);
    }
    return copy;
  };
  return concealKeys(fields, 0);
}
