import { type Document, isMap, isNode, isScalar, LineCounter, type Pair, parseDocument, visit } from 'yaml';
import type { PlaybookProblem } from './errors.ts';

/** Makes a problem at the value (or key) that lies at a path. */
export type ProblemAt = (path: readonly PropertyKey[], message: string, hint: string) => PlaybookProblem;

export interface YamlDocument {
  /** Plain data; undefined when the text has problems. */
  readonly data: unknown;
  readonly problems: readonly PlaybookProblem[];
  readonly problemAt: ProblemAt;
}

/** Enough for a sensible use of anchors, and far from a file that explodes. */
const mostAliases = 50;
const mostProblems = 20;
const tabHint = 'Indent with blanks, never with tabs';
const aliasHint = `Use at most ${mostAliases} aliases`;

/**
 * Parses one YAML document into plain data that is safe to walk: no cycles, no exploding aliases, and only keys that
 * are text and no property of every object. Ends for any text. `linesBefore` are lines of the file above the text.
 */
export function parseYaml(file: string, text: string, linesBefore = 0): YamlDocument {
  const lines = new LineCounter();
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line) + linesBefore, column: Math.max(1, col) };
  };
  let document: Document | undefined;
  const at = (offset: number, message: string, hint: string): PlaybookProblem => ({
    file,
    ...place(offset),
    message,
    hint,
  });
  const problemAt: ProblemAt = (path, message, hint) =>
    at(document === undefined ? 0 : offsetOf(document, path), message, hint);
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const problems = [...syntaxProblems(document, at), ...structureProblems(document, at)];
    if (problems.length > 0) return { data: undefined, problems: problems.slice(0, mostProblems), problemAt };
    return { data: document.toJS({ maxAliasCount: mostAliases }), problems, problemAt };
  } catch (error) {
    return { data: undefined, problems: [at(0, ...explain(error))], problemAt };
  }
}

type At = (offset: number, message: string, hint: string) => PlaybookProblem;

/** What the parser stumbles over, the first of each line: after a tab, all that follows is its consequence. */
function syntaxProblems(document: Document, at: At): PlaybookProblem[] {
  const problems = [...document.errors, ...document.warnings].map(({ pos, code, message }) => {
    if (code === 'MULTIPLE_DOCS') return at(pos[0], 'a second document', 'Remove the line ---');
    const hint = code === 'TAB_AS_INDENT' ? tabHint : 'Mend the YAML here';
    return at(pos[0], (message.split('\n')[0] ?? message).slice(0, 300), hint);
  });
  const tabs = problems.filter(({ hint }) => hint === tabHint);
  const lines = new Set<number>();
  return (tabs.length > 0 ? tabs : problems).filter(({ line }) => {
    const isFirst = !lines.has(line);
    lines.add(line);
    return isFirst;
  });
}

function structureProblems(document: Document, at: At): PlaybookProblem[] {
  const problems: PlaybookProblem[] = [];
  let aliases = 0;
  visit(document, {
    // Once per mapping: the library compares every key with every other one.
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const pair of items) problems.push(...keyProblems(pair, seen, at));
    },
    Alias: (_, alias, path) => {
      aliases += 1;
      const offset = alias.range?.[0] ?? 0;
      if (aliases > mostAliases) {
        problems.push(at(offset, 'too many aliases', aliasHint));
        return visit.BREAK;
      }
      const target = alias.resolve(document);
      // Plain data with a cycle in it would never end.
      if (target !== undefined && path.some((node) => node === target))
        problems.push(at(offset, `"*${alias.source}" stands inside of what it names`, 'Remove it'));
      return undefined;
    },
  });
  return problems;
}

function keyProblems({ key }: Pair, seen: Set<unknown>, at: At): PlaybookProblem[] {
  const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
  if (!isScalar(key)) return [at(offset, 'a key that is no text', 'Write a name before the colon')];
  const name = key.value;
  if (typeof name !== 'string')
    return [at(offset, `the key ${String(name)} is no text`, `Write "${String(name)}"`)];
  const shown = name.slice(0, 80);
  if (name in Object.prototype) return [at(offset, `"${shown}" cannot be used as a key`, 'Use another name')];
  if (seen.has(name)) return [at(offset, `"${shown}" stands here twice`, 'Remove one of them')];
  seen.add(name);
  return [];
}

/** What the library throws: exploding aliases, and a stack that overflows with what is nested too deep. */
function explain(error: unknown): [message: string, hint: string] {
  const message = error instanceof Error ? error.message : String(error);
  if (/alias/i.test(message)) return [message.slice(0, 300), aliasHint];
  if (error instanceof RangeError) return ['it is nested too deep', 'Nest less'];
  return [message.slice(0, 300), 'Mend the YAML here'];
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
