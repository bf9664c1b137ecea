import { z } from 'zod';
import type { PlaybookProblem } from '../errors.ts';
import { hintOf } from '../nearest-name.ts';
import type { ProblemAt } from '../yaml-document.ts';
import type { CheckContext } from './context.ts';

/** What of a JSON Schema is looked at: the names of arguments. */
const schemaShape = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
});

/**
 * Arguments that a tool does not have, and ones that it needs and that are not given.
 *
 * @param isComplete false where others add arguments later, as agents do.
 */
export function checkArguments(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  at: readonly PropertyKey[],
  problemAt: ProblemAt,
  { code }: CheckContext,
  isComplete = true,
): PlaybookProblem[] {
  const schema = schemaShape.safeParse(code?.schemas?.get(tool));
  if (!schema.success) return [];
  const { properties, required, additionalProperties } = schema.data;
  const known = Object.keys(properties);
  const unknown =
    additionalProperties === false ? Object.keys(given).filter((name) => !known.includes(name)) : [];
  const missing = isComplete ? required.filter((name) => !Object.hasOwn(given, name)) : [];
  return [
    ...unknown.map((name) =>
      problemAt(
        [...at, 'with', name],
        `"${tool}" has no argument "${name}"`,
        hintOf(name, known, 'It has no arguments'),
      ),
    ),
    ...missing.map((name) =>
      problemAt(
        [...at, 'with'],
        `"${tool}" needs the argument "${name}"`,
        `Add it under with: { ${name}: … }`,
      ),
    ),
  ];
}
