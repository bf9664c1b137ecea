import type { z } from 'zod';
import { collectFields, type Field } from './collect-fields.ts';
import { ConfigError, type ConfigProblem } from './errors.ts';
import { readVariable } from './read-variable.ts';
import { secretParts } from './secret-parts.ts';
import { suspectTypos } from './suspect-typos.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadConfig<Config> {
  readonly config: Config;
  /** Names that are set, unknown, and look like a misspelt known one. */
  readonly warnings: readonly string[];
  /** The values that must never be shown; for the `secrets` option of `createLog`. */
  readonly secrets: readonly string[];
}

/**
 * Reads the environment into a typed configuration. `schema` is a zod object whose keys are names of variables;
 * a key may also hold such an object (piped through `.transform` if liked), so that settings compose in groups:
 * `z.object({ log: logSettings, health: healthSettings(8081), work: z.object({ WORKER_CONCURRENCY: … }) })`.
 *
 * `NAME_FILE` gives the path of a file with the value of `NAME`. Blank values count as missing, unless the setting
 * refuses them. An issue that a group adds itself may carry `params: { remedy }`.
 *
 * @param otherNames names that other services know: never reported as misspelt.
 * @throws {ConfigError} with all problems at once, in the order of the schema, and no secret value.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
  otherNames: readonly string[] = [],
): ReadConfig<z.output<Schema>> {
  const fields = collectFields(schema);
  const input = {};
  const secrets: string[] = [];
  const problems = new Map<string, ConfigProblem>();
  for (const field of fields) {
    const { name, note } = field;
    const source = readVariable(name, env);
    if (source.kind === 'problem') problems.set(name, { name, ...source });
    if (source.kind === 'missing' && note?.isBlankRefused === true && env[name] !== undefined) {
      problems.set(name, { name, problem: 'is blank', remedy: `Set it to ${note.expects}, or unset it` });
    }
    // A group is always present, so that each of its missing fields is reported by its own name.
    const group = groupOf(input, field.path);
    if (source.kind !== 'value') continue;
    group[name] = source.value;
    if (note !== undefined) secrets.push(...secretParts(source.value, note.kind));
  }
  const parsed = schema.safeParse(input);
  for (const issue of parsed.error?.issues ?? []) {
    const problem = describeIssue(issue, fields);
    if (!problems.has(problem.name)) problems.set(problem.name, problem);
  }
  if (problems.size > 0 || !parsed.success) throw new ConfigError(inOrder(problems, fields));
  const known = fields.map(({ name }) => name);
  return { config: parsed.data, warnings: suspectTypos(env, known, otherNames), secrets };
}

interface Input {
  [key: string]: Input | string;
}

function groupOf(input: Input, path: readonly string[]): Input {
  let group = input;
  for (const key of path) {
    const next = group[key] ?? {};
    if (typeof next === 'string') throw new TypeError(`${key} is the name of both a variable and a group`);
    group[key] = next;
    group = next;
  }
  return group;
}

function describeIssue(issue: z.core.$ZodIssue, fields: readonly Field[]): ConfigProblem {
  const field = fields.findLast(({ name }) => issue.path.includes(name));
  const params = issue.code === 'custom' ? issue.params : undefined;
  const remedy: unknown = params?.['remedy'];
  const name = field?.name ?? issue.path.join('.');
  if (typeof remedy === 'string') return { name, problem: issue.message, remedy };
  const expects = field?.note?.expects ?? 'a usable value';
  const file = field?.note?.kind === 'secret' ? `, or ${name}_FILE to the path of a file that holds it` : '';
  return { name, problem: issue.message, remedy: `Set ${name} to ${expects}${file}` };
}

function inOrder(problems: ReadonlyMap<string, ConfigProblem>, fields: readonly Field[]): ConfigProblem[] {
  const place = (name: string): number => {
    const index = fields.findIndex((field) => field.name === name);
    return index < 0 ? fields.length : index;
  };
  return [...problems.values()].sort((a, b) => place(a.name) - place(b.name));
}
