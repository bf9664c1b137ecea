import type { Frame } from './dialogue-state.ts';
import { activeFrame, type Progress } from './progress.ts';

/**
 * The frame at this place of a stack, with all that it was linked from and all that it links to: they lie side by side,
 * and move together, because each goes on only when the one above it has ended.
 */
export function chainAt(stack: readonly Frame[], index: number): readonly Frame[] {
  let start = index;
  while (start > 0 && stack[start]?.linkedBy === stack[start - 1]?.id) start -= 1;
  let end = index + 1;
  while (end < stack.length && stack[end]?.linkedBy === stack[end - 1]?.id) end += 1;
  return stack.slice(start, end);
}

/** Brings a paused frame of this flow (null: the one paused last), with its chain, to the top. */
export function bringToTop(progress: Progress, flow: string | null): boolean {
  const { stack } = progress;
  const active = chainAt(stack, stack.length - 1);
  const paused = stack.slice(0, stack.length - active.length);
  const index = flow === null ? paused.length - 1 : paused.findLastIndex((frame) => frame.flow === flow);
  if (index < 0) return false;
  const chain = chainAt(paused, index);
  pauseShown(progress);
  progress.stack = [...stack.filter((frame) => !chain.includes(frame)), ...chain];
  return true;
}

/** Parks the active frame, with all that it was linked from, until this approval has ended. */
export function parkActive(progress: Progress, approval: string): void {
  const { stack } = progress;
  const chain = chainAt(stack, stack.length - 1);
  progress.stack = stack.slice(0, stack.length - chain.length);
  const awaiting = { kind: 'approval', approval } as const;
  progress.parked = [...progress.parked, ...chain.map((frame) => ({ ...frame, awaiting }))];
}

/** Brings what is parked under an approval back to the top of the stack. */
export function unpark(progress: Progress, approval: string): boolean {
  const chain = progress.parked.filter(
    ({ awaiting }) => awaiting?.kind === 'approval' && awaiting.approval === approval,
  );
  const frame = chain.at(-1);
  if (frame === undefined) return false;
  pauseShown(progress);
  progress.parked = progress.parked.filter((parked) => !chain.includes(parked));
  progress.stack = [...progress.stack, ...chain.map((parked) => ({ ...parked, awaiting: null }))];
  progress.events.push({ kind: 'resumed', flow: frame.flow });
  progress.shown = frame.id;
  return true;
}

function pauseShown(progress: Progress): void {
  const active = activeFrame(progress);
  if (active !== undefined && active.id === progress.shown) {
    progress.events.push({ kind: 'paused', flow: active.flow });
  }
}
