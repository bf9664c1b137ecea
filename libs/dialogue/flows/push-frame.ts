import type { Json } from '#contract/canonical-json';
import type { FlowSpec } from '#playbook/flow-spec';
import { activeFrame, type Progress } from './progress.ts';

/** Flows that may lie on the stack when another one starts. */
export const deepestStack = 5;
/** Open flows of a session, those that wait for a reviewer included; frames that return from there always find room. */
export const mostFrames = 10;

export interface NewFrame {
  readonly id: string;
  /** Values that need no check; what the flow has no slot for is left out. */
  readonly slots: Readonly<Record<string, Json>>;
  readonly linkedBy: string | null;
}

/** Starts a flow on top of the stack. False when too many are open: then nothing has happened. */
export function pushFrame(progress: Progress, spec: FlowSpec, { id, slots, linkedBy }: NewFrame): boolean {
  const first = spec.steps[0];
  const { stack, parked } = progress;
  if (first === undefined || stack.length >= deepestStack || stack.length + parked.length >= mostFrames)
    return false;
  const paused = activeFrame(progress);
  if (paused !== undefined && paused.id === progress.shown && linkedBy === null) {
    progress.events.push({ kind: 'paused', flow: paused.flow });
  }
  const known = Object.entries(slots).filter(([name]) => spec.slots.has(name));
  const frame = { id, flow: spec.id, step: first.id, slots: Object.fromEntries(known), linkedBy };
  progress.stack = [...stack, { ...frame, results: {}, awaiting: null, trail: [], visits: {} }];
  progress.events.push({ kind: 'started', flow: spec.id });
  progress.shown = id;
  return true;
}
