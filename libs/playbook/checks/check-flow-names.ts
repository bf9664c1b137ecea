import type { PlaybookProblem } from '../errors.ts';
import type { FlowSpec, Step } from '../flow-spec.ts';
import { endOfFlow } from '../resolve-flow.ts';
import type { FlowFile } from '../schemas/flow-file.ts';
import type { WrittenStep } from '../schemas/step.ts';
import type { ProblemAt } from '../yaml-document.ts';
import { checkArguments } from './check-arguments.ts';
import { type CheckContext, checkUse, repeated, type Use } from './context.ts';

/** Names in a flow: its steps, slots, types and results, and the tools, flows and agents that it uses. */
export function checkFlowNames(
  file: FlowFile,
  flow: FlowSpec,
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const steps = new Set(flow.steps.map(({ id }) => id));
  const types = Object.entries(file.slots).flatMap(([name, { type }]) =>
    checkUse(
      { kind: 'type', name: type, path: ['slots', name, 'type'] },
      context.code?.validators,
      problemAt,
    ),
  );
  return [
    ...checkReserved(file, flow, problemAt),
    ...types,
    ...file.steps.flatMap((step, index) => checkTargets(step, ['steps', index], steps, problemAt)),
    ...flow.steps.flatMap((step, index) => checkUses(step, index, flow, problemAt, context)),
  ];
}

function checkReserved(file: FlowFile, flow: FlowSpec, problemAt: ProblemAt): PlaybookProblem[] {
  const twice = repeated(flow.steps.map(({ id }) => id)).map(({ name, index }) =>
    problemAt(['steps', index], `a second step "${name}"`, 'Give each step its own id'),
  );
  const steps = flow.steps.flatMap((step, index) => {
    const at = ['steps', index, 'id'];
    if (step.id === endOfFlow) return [problemAt(at, `"${endOfFlow}" ends a flow`, 'Use another id')];
    if (step.kind !== 'confirm' || !flow.slots.has(step.id)) return [];
    return [problemAt(at, `"${step.id}" is a slot and a confirm step`, 'Use another id')];
  });
  const saved = flow.steps.flatMap((step, index) => {
    const name = 'save' in step ? step.save : undefined;
    if (name === undefined || (name !== 'result' && !flow.slots.has(name))) return [];
    const message = name === 'result' ? '"result" is for checks' : `"${name}" is a slot already`;
    return [problemAt(['steps', index, 'save'], message, 'Save it under another name')];
  });
  const slots = Object.keys(file.slots).filter((name) => name === 'result');
  const reserved = slots.map((name) =>
    problemAt(['slots', name], `"${name}" is for checks`, 'Use another name'),
  );
  return [...twice, ...steps, ...saved, ...reserved];
}

/** Steps that a step goes to. Only `next` may say `end`. */
function checkTargets(
  step: WrittenStep,
  at: readonly PropertyKey[],
  known: ReadonlySet<string>,
  problemAt: ProblemAt,
): PlaybookProblem[] {
  const target = (name: string | undefined, ...path: PropertyKey[]): PlaybookProblem[] => {
    if (name === undefined || (name === endOfFlow && path.length === 1 && path[0] === 'next')) return [];
    if (name === endOfFlow) {
      const hint = 'Go to a step that says something and ends with next: end';
      return [problemAt([...at, ...path], 'only next can end a flow', hint)];
    }
    return checkUse({ kind: 'step', name, path: [...at, ...path] }, known, problemAt);
  };
  return [
    ...target(step.next, 'next'),
    ...('on_failure' in step ? target(step.on_failure, 'on_failure') : []),
    ...('no' in step ? target(step.no, 'no') : []),
    ...('branch' in step
      ? [
          ...step.branch.flatMap(({ goto }, index) => target(goto, 'branch', index, 'goto')),
          ...target(step.otherwise, 'otherwise'),
        ]
      : []),
  ];
}

function checkUses(
  step: Step,
  index: number,
  flow: FlowSpec,
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const at = ['steps', index];
  const use = (kind: string, name: string, path: PropertyKey[]): Use => ({
    kind,
    name,
    path: [...at, ...path],
  });
  if (step.kind === 'collect') {
    const slots = new Set(flow.slots.keys());
    const twice = repeated(step.slots).map(({ name, index: place }) =>
      problemAt([...at, 'collect', place], `the slot "${name}" stands here twice`, 'Remove it'),
    );
    const unknown = step.slots.flatMap((name, place) =>
      checkUse(use('slot', name, ['collect', place]), slots, problemAt),
    );
    return [...twice, ...unknown];
  }
  if (step.kind === 'link') return checkLink(step, at, problemAt, context);
  if (!('tool' in step)) return [];
  const place = step.kind === 'check' ? ['check', 'action'] : [step.kind];
  const inside = step.kind === 'check' ? [...at, 'check'] : at;
  return [
    ...checkUse(use('tool', step.tool, place), context.tools, problemAt),
    ...(step.kind === 'check' ? checkReads(step.tool, [...at, ...place], problemAt, context) : []),
    ...checkArguments(step.tool, step.with, inside, problemAt, context),
  ];
}

/** A check runs by itself, later, when nobody is there to approve. */
function checkReads(
  tool: string,
  at: readonly PropertyKey[],
  problemAt: ProblemAt,
  { risks }: CheckContext,
): PlaybookProblem[] {
  const risk = risks.get(tool) ?? 'low';
  if (risk === 'low') return [];
  return [
    problemAt(at, `"${tool}" is of ${risk} risk: nobody approves a check`, 'Use a tool that only reads'),
  ];
}

function checkLink(
  { to }: Extract<Step, { kind: 'link' }>,
  at: readonly PropertyKey[],
  problemAt: ProblemAt,
  { sources, flows }: CheckContext,
): PlaybookProblem[] {
  if ('agent' in to)
    return checkUse(
      { kind: 'agent', name: to.agent, path: [...at, 'link', 'agent'] },
      new Set(sources.agents.keys()),
      problemAt,
    );
  const found = checkUse(
    { kind: 'flow', name: to.flow, path: [...at, 'link'] },
    new Set(sources.flows.keys()),
    problemAt,
  );
  const target = flows.get(to.flow);
  if (target === undefined) return found;
  const slots = new Set(target.slots.keys());
  return Object.keys(to.slots).flatMap((name) =>
    checkUse({ kind: `slot of "${to.flow}"`, name, path: [...at, 'link', 'slots', name] }, slots, problemAt),
  );
}
