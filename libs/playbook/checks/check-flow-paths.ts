import type { PlaybookProblem } from '../errors.ts';
import type { FlowSpec } from '../flow-spec.ts';
import type { ProblemAt } from '../yaml-document.ts';
import type { CheckContext } from './context.ts';
import { findCycles } from './find-cycles.ts';
import { reachable, successors } from './flow-graph.ts';
import { waitsInLoop } from './waits-for-person.ts';

/** Steps that nothing leads to, and steps that go round without waiting for anybody. */
export function checkFlowPaths(
  flow: FlowSpec,
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const [first] = flow.steps;
  if (first === undefined) return [];
  const reached = reachable(flow, first.id, () => true);
  const at = (id: string): readonly PropertyKey[] => [
    'steps',
    flow.steps.findIndex((step) => step.id === id),
  ];
  const unreachable = flow.steps
    .filter(({ id }) => !reached.has(id))
    .map(({ id }) =>
      problemAt(at(id), `nothing leads to the step "${id}"`, 'Go to it from another step, or remove it'),
    );
  const running = flow.steps.filter((step) => reached.has(step.id) && !waitsInLoop(step, flow, context));
  const byId = new Map(running.map((step) => [step.id, step]));
  const cycles = findCycles([...byId.keys()], (id) => {
    const step = byId.get(id);
    return step === undefined ? [] : successors(step);
  });
  const endless = cycles.map((ids) => {
    const message = `the steps ${ids.slice(0, 10).join(', ')} go round without waiting for anybody`;
    const hint =
      'Put a confirm step between them, or empty a slot with set: { slot: null } so that it is asked again';
    return problemAt(at(ids[0] ?? ''), message, hint);
  });
  return [...unreachable, ...endless];
}
