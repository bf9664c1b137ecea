import type { Json } from '#contract/canonical-json';
import type { Step } from '#playbook/flow-spec';
import { stepOf } from './book.ts';
import type { Decided, Met, Need } from './dialogue.ts';
import { endFrame, goTo, markFinal } from './leave-step.ts';
import { parkActive } from './move-chain.ts';
import { activeFrame, type Progress, say, updateActive } from './progress.ts';
import { needOf, visitsOf } from './run-step.ts';
import { sentences } from './sentences.ts';

/** Lets the active frame go on with how its need was met. False when it is not this need that it stands at. */
export function meetNeed(progress: Progress, need: Need, met: Met): boolean {
  const frame = activeFrame(progress);
  const step = frame && stepOf(progress.book, frame);
  if (frame === undefined || step === undefined || !isNeedy(step)) return false;
  if (needOf(frame, step).key !== need.key) return false;
  const visits = { ...frame.visits, [step.id]: visitsOf(frame, step.id) + 1 };
  updateActive(progress, { visits, awaiting: null });
  if (step.kind === 'check') leaveCheck(progress, step.next, met);
  else leaveAction(progress, step, met);
  return true;
}

/** Lets the active frame, just back from waiting for an approval, go on with how that has ended, which the caller tells. */
export function continueDecided(progress: Progress, outcome: Decided): void {
  const frame = activeFrame(progress);
  const step = frame && stepOf(progress.book, frame);
  // A flow that has changed meanwhile is found, and told, when the frame runs.
  if (frame === undefined || (step?.kind !== 'action' && step?.kind !== 'approval')) return;
  switch (outcome.kind) {
    case 'ran':
      markFinal(progress);
      succeed(progress, step, outcome.data);
      return;
    case 'failed':
    case 'rejected':
      fail(progress, step, outcome.text, 'told');
      return;
    case 'expired':
      fail(progress, step, sentences.expired(frame.flow), 'told');
      return;
    case 'cancelled':
      endFrame(progress, 'cancelled');
      return;
    default:
      outcome satisfies never;
  }
}

type ActionStep = Extract<Step, { kind: 'action' | 'approval' }>;

function isNeedy(step: Step): step is ActionStep | Extract<Step, { kind: 'check' }> {
  return step.kind === 'action' || step.kind === 'approval' || step.kind === 'check';
}

function leaveCheck(progress: Progress, next: string | undefined, met: Met): void {
  const flow = activeFrame(progress)?.flow ?? '';
  // What is to be looked at later is looked at, whatever is corrected: it must not be set twice.
  if (met.kind === 'scheduled') markFinal(progress);
  else if (met.kind === 'failed') say(progress, flow, met.text);
  goTo(progress, next);
}

function leaveAction(progress: Progress, step: ActionStep, met: Met): void {
  switch (met.kind) {
    case 'ran':
      succeed(progress, step, met.data);
      return;
    case 'failed':
      fail(progress, step, met.text);
      return;
    case 'proposed':
      parkActive(progress, met.approval);
      return;
    case 'scheduled':
      fail(progress, step, sentences.notRun);
      return;
    default:
      met satisfies never;
  }
}

function succeed(progress: Progress, { save, next }: ActionStep, data: Json): void {
  const results = activeFrame(progress)?.results ?? {};
  if (save !== undefined) updateActive(progress, { results: { ...results, [save]: data } });
  goTo(progress, next);
}

function fail(progress: Progress, { onFailure }: ActionStep, text: string, words?: 'told'): void {
  const { flow = '', results = {} } = activeFrame(progress) ?? {};
  updateActive(progress, { results: { ...results, failure: text } });
  if (onFailure !== undefined) {
    goTo(progress, onFailure);
    return;
  }
  if (words !== 'told') say(progress, flow, text);
  endFrame(progress, 'failed');
}
