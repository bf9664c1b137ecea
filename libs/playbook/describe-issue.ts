import { z } from 'zod';
import type { PlaybookProblem } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { descriptionOf, schemaAt, unwrap } from './schema-at.ts';
import type { ProblemAt } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const mostKeys = 20;

/** Tells an issue in words of the playbook: what is wrong where, and what to write instead. */
export function describeIssue(
  issue: Issue,
  schema: z.core.$ZodType,
  problemAt: ProblemAt,
  data: unknown,
  above: Path = [],
): PlaybookProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const found = schemaAt(schema, issue.path);
    const union = found === undefined ? undefined : unwrap(found);
    const branch = branchOf(issue.errors, valueAt(data, path));
    const inner = union instanceof z.core.$ZodUnion ? union._zod.def.options[branch ?? -1] : undefined;
    if (branch !== undefined && inner !== undefined)
      return (issue.errors[branch] ?? []).flatMap((part) =>
        describeIssue(part, inner, problemAt, data, path),
      );
    const slip = slipIn(union, valueAt(data, path));
    if (slip !== undefined)
      return [problemAt([...path, slip.key], `"${slip.key.slice(0, 80)}" is not known here`, slip.hint)];
  }
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(schema, issue.path));
    return issue.keys.slice(0, mostKeys).map((key) => {
      const meant = nearestName(key, known);
      const all = `Known are: ${known.join(', ')}`;
      const hint = meant === undefined ? all : `Did you mean "${meant}"? ${all}`;
      return problemAt([...path, key], `"${key.slice(0, 80)}" is not known here`, hint);
    });
  }
  const hint = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  const name = path.length === 0 ? 'the file' : `"${path.join('.').slice(0, 200)}"`;
  return [
    problemAt(path, `${name}: ${messageOf(issue)}`, typeof hint === 'string' ? hint : hintAt(schema, issue)),
  ];
}

function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_union') return 'is none of what can stand here';
  return issue.message;
}

/**
 * The branch of a union that was probably meant: the one whose own keys are there, then the one with the least
 * that it does not know. Undefined where none stands out.
 */
function branchOf(branches: readonly (readonly Issue[])[], written: unknown): number | undefined {
  const scores = branches.map((issues) => {
    const isMissing = issues.some(
      ({ path: [key, ...rest] }) =>
        key !== undefined && rest.length === 0 && valueAt(written, [key]) === undefined,
    );
    const isOther = issues.some(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys');
    const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).length;
    return isOther || (isMissing && unknown > 0) ? Number.POSITIVE_INFINITY : unknown + (isMissing ? 0.5 : 0);
  });
  const best = Math.min(...scores);
  return Number.isFinite(best) ? scores.indexOf(best) : undefined;
}

/** A key that no branch of a union knows, and that is near to one that some branch does. */
function slipIn(
  union: z.core.$ZodType | undefined,
  written: unknown,
): { key: string; hint: string } | undefined {
  if (!(union instanceof z.core.$ZodUnion) || typeof written !== 'object' || written === null)
    return undefined;
  const known = new Set(union._zod.def.options.flatMap(keysOf));
  for (const key of Object.keys(written).slice(0, mostKeys)) {
    const meant = known.has(key) ? undefined : nearestName(key, known);
    if (meant !== undefined) return { key, hint: `Did you mean "${meant}"?` };
  }
  return undefined;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function hintAt(schema: z.core.$ZodType, { path }: Issue): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = schemaAt(schema, path.slice(0, length));
    const description = found === undefined ? undefined : descriptionOf(found);
    if (description !== undefined) return `Write ${description}`;
  }
  return 'See the example playbook in services/worker/playbook';
}

function keysOf(schema: z.core.$ZodType | undefined): string[] {
  const inner = schema === undefined ? undefined : unwrap(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
