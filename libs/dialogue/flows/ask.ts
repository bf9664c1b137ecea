import { type Book, scopeOf, stepOf } from './book.ts';
import type { DialogueEvent } from './dialogue.ts';
import type { Frame } from './dialogue-state.ts';
import { fillText } from './fill-template.ts';
import { activeFrame, type Progress, say, updateActive } from './progress.ts';
import { sentences } from './sentences.ts';

/** Questions for one thing before it is said how to get out of it. */
const patience = 3;

/** The question that a frame waits with, in words; undefined when it waits for no answer of the person. */
export function questionOf(book: Book, frame: Frame): string | undefined {
  const { awaiting } = frame;
  if (awaiting?.kind === 'confirm') {
    const step = stepOf(book, { flow: frame.flow, step: awaiting.slot });
    return step?.kind === 'confirm' ? fillText(step.ask, scopeOf(frame)) : undefined;
  }
  if (awaiting?.kind !== 'slot') return undefined;
  const slot = book.flows.get(frame.flow)?.slots.get(awaiting.slot);
  return slot === undefined ? undefined : fillText(slot.ask, scopeOf(frame));
}

/** Lets the active frame wait for a slot, or for yes or no at a step, and asks for it. */
export function ask(progress: Progress, kind: 'slot' | 'confirm', slot: string): void {
  const active = activeFrame(progress);
  if (active === undefined) return;
  const { awaiting, flow } = active;
  const before = awaiting?.kind === kind && awaiting.slot === slot ? awaiting.asked : 0;
  const asking: Frame = { ...active, awaiting: { kind, slot, asked: before + 1 } };
  updateActive(progress, asking);
  if (before >= patience) say(progress, flow, sentences.wayOut);
  const text = questionOf(progress.book, asking) ?? '';
  const asked: DialogueEvent = { kind: 'asked', flow, slot, text };
  progress.events.push(asked);
}
