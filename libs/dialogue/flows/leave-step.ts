import { stepOf } from './book.ts';
import type { Frame } from './dialogue-state.ts';
import { activeFrame, type Progress, updateActive } from './progress.ts';

/** Lets the active frame stand at this step; without one its flow is completed. */
export function goTo(progress: Progress, step: string | undefined): void {
  if (step === undefined) endFrame(progress, 'completed');
  else updateActive(progress, { step, awaiting: null });
}

/** Takes the active frame off the stack. When another one's link had started it, that one goes on. */
export function endFrame(progress: Progress, how: 'completed' | 'cancelled' | 'failed'): void {
  const ended = activeFrame(progress);
  if (ended === undefined) return;
  progress.stack = progress.stack.slice(0, -1);
  progress.events.push({ kind: how, flow: ended.flow });
  const linking = activeFrame(progress);
  if (linking === undefined || linking.id !== ended.linkedBy) return;
  progress.shown = linking.id;
  if (ended.trail.some(({ isFinal }) => isFinal)) markFinal(progress);
  // What a linked flow did counts for the one that links to it, so that both together have an end.
  const counted = (linking.visits[linking.step] ?? 0) + totalVisits(ended);
  updateActive(progress, { visits: { ...linking.visits, [linking.step]: counted } });
  const step = stepOf(progress.book, linking);
  // A step that is gone is found, and told, when the frame runs.
  if (step?.kind === 'link') goTo(progress, step.next);
}

/** The step that the active frame stands at has done what cannot be taken back. */
export function markFinal(progress: Progress): void {
  const active = activeFrame(progress);
  if (active === undefined) return;
  const trail = active.trail.map((passed) =>
    passed.step === active.step ? { ...passed, isFinal: true } : passed,
  );
  updateActive(progress, { trail });
}

/** How many needs a frame had, with those of the flows that it linked to. */
export function totalVisits({ visits }: Frame): number {
  return Object.values(visits).reduce((sum, count) => sum + count, 0);
}
