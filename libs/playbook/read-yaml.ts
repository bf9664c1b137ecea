import type { z } from 'zod';
import { describeIssue } from './describe-issue.ts';
import type { PlaybookProblem } from './errors.ts';
import { type ProblemAt, parseYaml } from './yaml-document.ts';

export interface YamlFile<Value> {
  readonly file: string;
  /** Undefined when the file has problems. */
  readonly value: Value | undefined;
  readonly problems: readonly PlaybookProblem[];
  /** A problem at the value (or key) that lies at this path, for checks that need more than one file. */
  readonly problemAt: ProblemAt;
}

const mostIssues = 50;

/** Parses one YAML file and checks it, telling every mistake with its place. Ends for any text. */
export function readYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  linesBefore = 0,
): YamlFile<z.output<Schema>> {
  const { data, problems, problemAt } = parseYaml(file, text, linesBefore);
  if (problems.length > 0) return { file, value: undefined, problems, problemAt };
  try {
    const written = data ?? (isOnlyComments(text) ? {} : data);
    const parsed = schema.safeParse(written);
    if (parsed.success) return { file, value: parsed.data, problems: [], problemAt };
    const found = parsed.error.issues
      .slice(0, mostIssues)
      .flatMap((issue) => describeIssue(issue, schema, problemAt, written));
    return { file, value: undefined, problems: found, problemAt };
  } catch (error) {
    // Schemas that hold themselves (conditions) walk as deep as the data goes.
    if (!(error instanceof RangeError)) throw error;
    const problem = problemAt([], 'it is nested too deep', 'Nest less');
    return { file, value: undefined, problems: [problem], problemAt };
  }
}

/** A file in which everything is commented out says as much as an empty one. */
function isOnlyComments(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#|$)/.test(line));
}
