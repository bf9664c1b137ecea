import type { Risk } from '#contract/approval';
import type { PlaybookProblem } from '../errors.ts';
import type { FlowSpec } from '../flow-spec.ts';
import type { KnownNames } from '../load-options.ts';
import { hintOf } from '../nearest-name.ts';
import type { Sources } from '../sources.ts';
import type { ProblemAt } from '../yaml-document.ts';

/** What a check looks at: the files, and what is known beside them. */
export interface CheckContext {
  readonly sources: Sources;
  /** Flows whose file could be read. */
  readonly flows: ReadonlyMap<string, FlowSpec>;
  readonly code: KnownNames | undefined;
  /** Tools in code and over MCP; undefined where the code is not known. */
  readonly tools: ReadonlySet<string> | undefined;
  /** What tools declare, and what the playbook raises it to. */
  readonly risks: ReadonlyMap<string, Risk>;
}

/** One name of a tool, flow, agent … where it is used. */
export interface Use {
  readonly kind: string;
  readonly name: string;
  readonly path: readonly PropertyKey[];
}

/** A problem where a used name is none of the known ones; nothing where it is, or where they are not known. */
export function checkUse(
  { kind, name, path }: Use,
  known: ReadonlySet<string> | undefined,
  problemAt: ProblemAt,
): PlaybookProblem[] {
  if (known === undefined || known.has(name)) return [];
  return [
    problemAt(path, `there is no ${kind} "${name}"`, hintOf(name, known, `There is no ${kind} at all`)),
  ];
}

/** Names that stand twice in a list, with the positions of all but the first. */
export function repeated(names: readonly string[]): { name: string; index: number }[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [{ name, index }] : []));
}
