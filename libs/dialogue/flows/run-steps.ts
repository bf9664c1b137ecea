import { ask } from './ask.ts';
import { stepOf } from './book.ts';
import type { Frame } from './dialogue-state.ts';
import { endFrame, totalVisits } from './leave-step.ts';
import { activeFrame, type Progress, say, updateActive } from './progress.ts';
import { runStep } from './run-step.ts';
import { sentences } from './sentences.ts';
import { trailTo } from './trail.ts';

/** Steps of one flow, with those that it links to, in one call. Who needs more goes round in circles. */
export const mostSteps = 200;

/** Needs and links of one flow, with those that it links to, in all its life: a failure that leads to itself has an end. */
export const mostVisits = 100;

/**
 * Lets the flow on top of the stack run, and those below it when it has ended, until one waits for the person or needs
 * something from outside, or all are over.
 */
export function runSteps(progress: Progress): void {
  for (let steps = 0, isGoingOn = true; isGoingOn; steps += 1) {
    const frame = activeFrame(progress);
    if (frame === undefined) return;
    if (frame.id !== progress.shown) {
      introduce(progress, frame);
      steps = 0;
    }
    if (steps >= mostSteps || totalVisits(frame) >= mostVisits) failChain(progress, frame);
    else isGoingOn = runFrame(progress, frame);
  }
}

/** Whether there is something to go on with. */
function runFrame(progress: Progress, frame: Frame): boolean {
  const { awaiting, flow } = frame;
  const step = stepOf(progress.book, frame);
  if (step === undefined) {
    say(progress, flow, sentences.changed(flow));
    endFrame(progress, 'failed');
    return true;
  }
  const isKnown =
    awaiting?.kind === 'slot' && progress.book.flows.get(flow)?.slots.has(awaiting.slot) === true;
  if (isKnown && !Object.hasOwn(frame.slots, awaiting.slot)) {
    ask(progress, 'slot', awaiting.slot);
    return false;
  }
  updateActive(progress, { trail: trailTo(frame, step) });
  return runStep(progress, step);
}

function introduce(progress: Progress, { id, flow }: Frame): void {
  progress.shown = id;
  progress.events.push({ kind: 'resumed', flow });
  say(progress, flow, sentences.backTo(flow));
}

/** With a frame end those that link to it: they would only start it again. */
function failChain(progress: Progress, { flow }: Frame): void {
  say(progress, flow, sentences.roundInCircles(flow));
  for (let isLinked = true; isLinked; ) {
    const ended = activeFrame(progress);
    progress.stack = progress.stack.slice(0, -1);
    if (ended !== undefined) progress.events.push({ kind: 'failed', flow: ended.flow });
    isLinked = ended !== undefined && ended.linkedBy !== null && ended.linkedBy === activeFrame(progress)?.id;
  }
}
