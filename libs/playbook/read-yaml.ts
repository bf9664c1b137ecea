import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { PlaybookProblem } from './errors.ts';
import { schemaAt, unwrap } from './schema-at.ts';

export interface YamlFile<Value> {
  /** Undefined when the file has problems. */
  readonly value: Value | undefined;
  readonly problems: readonly PlaybookProblem[];
  /** A problem at the value (or key) that lies at this path, for checks that need more than one file. */
  problemAt(path: readonly PropertyKey[], message: string, hint: string): PlaybookProblem;
}

/** Enough for a sensible use of anchors, and far from a file that explodes. */
const mostAliases = 50;

/** Parses one YAML file and checks it, telling every mistake with its place. */
export function readYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): YamlFile<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problemAt = (path: readonly PropertyKey[], message: string, hint: string): PlaybookProblem => ({
    file,
    ...place(offsetOf(document, path)),
    message,
    hint,
  });
  const syntax = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    file,
    ...place(pos[0]),
    message: message.split('\n')[0] ?? message,
    hint: /tab/i.test(message) ? 'Indent with blanks, never with tabs' : 'Mend the YAML here',
  }));
  if (syntax.length > 0) return { value: undefined, problems: syntax, problemAt };
  const data = toData(document);
  if (data instanceof Error) {
    const problems = [problemAt([], data.message, `Use at most ${mostAliases} aliases`)];
    return { value: undefined, problems, problemAt };
  }
  const parsed = schema.safeParse(data ?? {});
  if (parsed.success) return { value: parsed.data, problems: [], problemAt };
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, schema, problemAt));
  return { value: undefined, problems, problemAt };
}

function toData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Where the node at the path begins; an entry of a mapping begins at its key. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  const parent = document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent) && key !== undefined) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  const node = document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  problemAt: YamlFile<unknown>['problemAt'],
): PlaybookProblem[] {
  const name = issue.path.length === 0 ? 'the file' : `"${issue.path.join('.')}"`;
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(schema, issue.path));
    return issue.keys.map((key) =>
      problemAt([...issue.path, key], `"${key}" is not known here`, `Known are: ${known.join(', ')}`),
    );
  }
  const hint = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  return [
    problemAt(
      issue.path,
      `${name}: ${issue.message}`,
      typeof hint === 'string' ? hint : hintOf(schema, issue.path),
    ),
  ];
}

function hintOf(schema: z.ZodType, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = schemaAt(schema, path.slice(0, length));
    const description = found instanceof z.ZodType ? found.description : undefined;
    if (description !== undefined) return `Write ${description}`;
  }
  return 'See the example playbook in services/worker/playbook';
}

function keysOf(schema: z.core.$ZodType | undefined): string[] {
  const inner = schema === undefined ? undefined : unwrap(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
