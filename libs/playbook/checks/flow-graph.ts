import type { FlowSpec, Step } from '../flow-spec.ts';

/** Ids of the steps that may come after one; a flow that may end there has fewer. */
export function successors(step: Step): string[] {
  const next = step.next === undefined ? [] : [step.next];
  switch (step.kind) {
    case 'action':
    case 'approval':
      return step.onFailure === undefined ? next : [...next, step.onFailure];
    case 'branch': {
      const otherwise = step.otherwise === undefined ? next : [step.otherwise];
      return [...step.cases.map(({ goto }) => goto), ...otherwise];
    }
    case 'confirm':
      return step.no === undefined ? next : [...next, step.no];
    default:
      return next;
  }
}

/** The steps that are come to from one; `passes` says which of them are gone on from. */
export function reachable(
  { steps }: FlowSpec,
  from: string,
  passes: (step: Step) => boolean,
): ReadonlySet<string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const found = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = byId.get(id);
    if (step === undefined || found.has(id)) continue;
    found.add(id);
    if (passes(step)) open.push(...successors(step));
  }
  return found;
}
