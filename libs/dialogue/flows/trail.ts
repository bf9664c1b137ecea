import type { Json } from '#contract/canonical-json';
import type { Step } from '#playbook/flow-spec';
import { type Book, stepOf } from './book.ts';
import type { Frame, TrailStep } from './dialogue-state.ts';
import { namesIn } from './fill-template.ts';
import { namesInCondition } from './meets-condition.ts';

/** The frame's way, with the step that it comes to now. Of a loop only the last round is kept. */
export function trailTo({ trail, slots }: Frame, step: Step): readonly TrailStep[] {
  const before = trail.findIndex((passed) => passed.step === step.id);
  const kept = before === -1 ? trail : trail.slice(0, before);
  // Who says yes means everything that is known by then, also what the question does not name.
  const names = step.kind === 'confirm' ? Object.keys(slots) : [];
  return [...kept, { step: step.id, slots: [...new Set([...names, ...readBy(step)])], isFinal: false }];
}

export type Rewound =
  | { readonly ok: true; readonly frame: Frame }
  /** What depends on the slot is done, and cannot be taken back. */
  | { readonly ok: false };

/**
 * The frame with another value of a slot (undefined: none), back at the first step that depends on it; what was saved
 * from there on is gone, and has to be found out again.
 */
export function rewind(book: Book, frame: Frame, slot: string, value: Json | undefined): Rewound {
  const found = frame.trail.findIndex(({ slots }) => slots.includes(slot));
  // What is told for the first time corrects nothing, even where a step has looked whether it is known.
  const isCorrected = found !== -1 && Object.hasOwn(frame.slots, slot);
  const index = isCorrected ? found : frame.trail.length;
  const undone = frame.trail.slice(index);
  if (undone.some(({ isFinal }) => isFinal)) return { ok: false };
  const stale = new Set(undone.flatMap(({ step }) => writtenBy(stepOf(book, { flow: frame.flow, step }))));
  if (undone.length > 0) stale.add('failure');
  const slots = without(frame.slots, new Set([...stale, slot]));
  const rewound = {
    ...frame,
    step: undone[0]?.step ?? frame.step,
    slots: value === undefined ? slots : { ...slots, [slot]: value },
    results: without(frame.results, stale),
    awaiting: undone.length > 0 ? null : frame.awaiting,
    trail: frame.trail.slice(0, index),
  };
  return { ok: true, frame: rewound };
}

/** First names of what a step reads from slots and results. */
function readBy(step: Step): string[] {
  switch (step.kind) {
    case 'collect':
      return [];
    case 'action':
    case 'approval':
      return namesIn(step.with);
    case 'branch':
      return step.cases.flatMap(({ when }) => namesInCondition(when));
    case 'confirm':
      return namesIn(step.ask);
    case 'say':
      return namesIn(step.text);
    case 'set':
      return namesIn(step.values);
    case 'link':
      return 'flow' in step.to ? namesIn(step.to.slots) : namesIn(step.to.request);
    case 'check':
      return [...namesIn(step.with), ...namesIn(step.failed), ...namesInCondition(step.expect)];
    default:
      return step satisfies never;
  }
}

function writtenBy(step: Step | undefined): string[] {
  if (step?.kind === 'set') return Object.keys(step.values);
  return (step?.kind === 'action' || step?.kind === 'approval') && step.save !== undefined ? [step.save] : [];
}

function without(values: Readonly<Record<string, Json>>, names: ReadonlySet<string>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));
}
