import type { FlowSpec, Step } from '#playbook/flow-spec';
import { ask } from './ask.ts';
import { scopeOf } from './book.ts';
import type { Need } from './dialogue.ts';
import type { Frame } from './dialogue-state.ts';
import { fillJson, fillObject, fillPlain, fillText } from './fill-template.ts';
import { endFrame, goTo } from './leave-step.ts';
import { meetsCondition, resolveCondition } from './meets-condition.ts';
import { activeFrame, type Progress, say, updateActive } from './progress.ts';
import { pushFrame } from './push-frame.ts';
import { sentences } from './sentences.ts';

/** Runs the step that the active frame stands at. True when the flows can go on at once. */
export function runStep(progress: Progress, step: Step): boolean {
  const frame = activeFrame(progress);
  const spec = frame && progress.book.flows.get(frame.flow);
  if (frame === undefined || spec === undefined) return false;
  switch (step.kind) {
    case 'collect': {
      const missing = step.slots.find((slot) => !Object.hasOwn(frame.slots, slot));
      if (missing === undefined) goTo(progress, step.next);
      else ask(progress, 'slot', missing);
      return missing === undefined;
    }
    case 'confirm':
      ask(progress, 'confirm', step.id);
      return false;
    case 'action':
    case 'approval':
    case 'check':
      progress.need = needOf(frame, step);
      return false;
    case 'branch':
      goTo(progress, branch(frame, step));
      return true;
    case 'say':
      say(progress, frame.flow, fillText(step.text, scopeOf(frame)));
      goTo(progress, step.next);
      return true;
    case 'set':
      setValues(progress, frame, spec, step.values);
      goTo(progress, step.next);
      return true;
    case 'link':
      link(progress, frame, step);
      return true;
    default:
      return step satisfies never;
  }
}

type StepOf<Kind> = Extract<Step, { kind: Kind }>;
type NeedyStep = StepOf<'action' | 'approval'> | StepOf<'check'>;

/** The need that a frame has at a step. Its key is another one each time that the step is come to. */
export function needOf(frame: Frame, step: NeedyStep): Need {
  const { id, flow } = frame;
  const scope = scopeOf(frame);
  const key = `${id}/${step.id}/${visitsOf(frame, step.id)}`;
  const { tool } = step;
  const args = fillObject(step.with, scope);
  if (step.kind !== 'check') {
    return { kind: 'run', frame: id, flow, key, tool, args, mustAsk: step.kind === 'approval' };
  }
  const expect = resolveCondition(step.expect, scope);
  const check = { flow, tool, args, expect, failed: fillText(step.failed, scope) };
  return { kind: 'check', frame: id, flow, key, afterSeconds: step.afterSeconds, check };
}

export function visitsOf({ visits }: Frame, step: string): number {
  return Object.hasOwn(visits, step) ? (visits[step] ?? 0) : 0;
}

function branch(frame: Frame, step: StepOf<'branch'>): string | undefined {
  const scope = scopeOf(frame);
  const taken = step.cases.find(({ when }) => meetsCondition(resolveCondition(when, scope), scope));
  return taken?.goto ?? step.otherwise ?? step.next;
}

function setValues(progress: Progress, frame: Frame, spec: FlowSpec, values: StepOf<'set'>['values']): void {
  const slots = { ...frame.slots };
  const results = { ...frame.results };
  for (const [name, template] of Object.entries(values)) {
    const value = fillJson(template, scopeOf(frame));
    const target = spec.slots.has(name) ? slots : results;
    // Null empties a slot, so that a loop can ask for it again.
    if (value === undefined || (value === null && target === slots)) delete target[name];
    else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  }
  updateActive(progress, { slots, results });
}

function link(progress: Progress, frame: Frame, step: StepOf<'link'>): void {
  const scope = scopeOf(frame);
  if (!('flow' in step.to)) {
    progress.asides.push({ kind: 'agent', agent: step.to.agent, text: fillPlain(step.to.request, scope) });
    goTo(progress, step.next);
    return;
  }
  const target = progress.book.flows.get(step.to.flow);
  if (target === undefined) {
    say(progress, frame.flow, sentences.changed(frame.flow));
    endFrame(progress, 'failed');
    return;
  }
  const visit = visitsOf(frame, step.id);
  updateActive(progress, { visits: { ...frame.visits, [step.id]: visit + 1 } });
  const slots = fillObject(step.to.slots, scope);
  const isPushed = pushFrame(progress, target, {
    id: `${frame.id}/${step.id}/${visit}`,
    slots,
    linkedBy: frame.id,
  });
  if (isPushed) return;
  say(progress, frame.flow, sentences.tooMany(target.id));
  goTo(progress, step.next);
}
