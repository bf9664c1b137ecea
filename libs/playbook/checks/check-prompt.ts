import type { PlaybookProblem } from '../errors.ts';
import { type CheckContext, checkUse } from './context.ts';
import { namesOf, usesOfLabelled } from './labelled-uses.ts';

/** Names in the examples that a model is shown: one that does not exist would teach it to use it. */
export function checkPrompt({ sources, flows }: CheckContext): PlaybookProblem[] {
  const { value, problemAt } = sources.prompt;
  // A flow that cannot be read has been told, and its slots are not known.
  if (value === undefined || flows.size < sources.flows.size) return [];
  const known = namesOf({ agents: sources.agents, flows, toolPolicies: new Map() });
  return usesOfLabelled(value.examples, ['examples']).flatMap((use) =>
    checkUse(use, known[use.kind], problemAt),
  );
}
