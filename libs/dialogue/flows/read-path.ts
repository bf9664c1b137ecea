import type { Json } from '#contract/canonical-json';

/** What templates and conditions can name: slots and results by name. */
export type Scope = Readonly<Record<string, Json>>;

/**
 * The value at a path such as `invoice.lines.0.text`, or undefined where there is none. Only own members of plain JSON
 * are read, so that a path such as `constructor.name` finds nothing.
 */
export function readPath(scope: Scope, path: string): Json | undefined {
  let value: Json | undefined = scope;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    if (Array.isArray(value)) {
      // "length" is an own property of arrays, and no value of the JSON.
      value = /^\d+$/.test(part) ? value[Number(part)] : undefined;
    } else {
      value = value[part];
    }
  }
  return value;
}
