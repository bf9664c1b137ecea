import { canonicalJson } from '#contract/canonical-json';
import type { SlotSpec } from '#playbook/flow-spec';
import { stepOf } from './book.ts';
import type { Awaiting, Frame } from './dialogue-state.ts';
import { endFrame, goTo } from './leave-step.ts';
import { activeFrame, type Progress, say, updateActive } from './progress.ts';
import { sentences } from './sentences.ts';
import { rewind } from './trail.ts';

/**
 * Fills a slot of the active flow with what a person wrote (null: they only took it back), also one that was filled
 * before: then the flow goes back to the first step that depends on it. What the validator refuses is explained and
 * asked for. The answer to a confirmation comes here too, under the id of its step.
 */
export function fillSlot(progress: Progress, name: string, written: string | null): void {
  const frame = activeFrame(progress);
  if (frame === undefined) return;
  if (frame.awaiting?.kind === 'confirm' && frame.awaiting.slot === name) {
    answerConfirm(progress, frame, written);
    return;
  }
  const slot = progress.book.flows.get(frame.flow)?.slots.get(name);
  if (slot === undefined) return;
  if (written === null) change(progress, frame, slot, undefined);
  else fill(progress, frame, slot, written);
}

function fill(progress: Progress, frame: Frame, slot: SlotSpec, written: string): void {
  const validated = progress.book.validators.get(slot.type)?.validate(written);
  if (validated === undefined) return;
  if (!validated.ok) {
    if (change(progress, frame, slot, undefined)) say(progress, frame.flow, validated.problem);
    return;
  }
  const before = Object.hasOwn(frame.slots, slot.name) ? frame.slots[slot.name] : undefined;
  if (before !== undefined && canonicalJson(before) === canonicalJson(validated.value)) return;
  change(progress, frame, slot, validated.value);
}

function change(
  progress: Progress,
  frame: Frame,
  { name }: SlotSpec,
  value: Frame['slots'][string] | undefined,
): boolean {
  const rewound = rewind(progress.book, frame, name, value);
  if (!rewound.ok) {
    say(progress, frame.flow, sentences.isDone(name));
    return false;
  }
  updateActive(progress, {
    ...rewound.frame,
    awaiting: awaitingAfter(frame, rewound.frame, name, value === undefined),
  });
  return true;
}

/** What is missing is asked for next, wherever the flow stands; an open question stays open when another slot is filled. */
function awaitingAfter(before: Frame, after: Frame, slot: string, isMissing: boolean): Awaiting | null {
  const { awaiting } = before;
  const isThis = awaiting?.kind === 'slot' && awaiting.slot === slot;
  if (isMissing) return isThis ? awaiting : { kind: 'slot', slot, asked: 0 };
  return isThis ? null : after.awaiting;
}

function answerConfirm(progress: Progress, frame: Frame, written: string | null): void {
  const step = stepOf(progress.book, frame);
  const validated = progress.book.validators.get('boolean')?.validate(written ?? '');
  if (step?.kind !== 'confirm' || validated === undefined) return;
  if (!validated.ok || typeof validated.value !== 'boolean') {
    say(progress, frame.flow, sentences.yesOrNo);
  } else if (validated.value) {
    goTo(progress, step.next);
  } else if (step.no !== undefined) {
    goTo(progress, step.no);
  } else {
    say(progress, frame.flow, sentences.cancelled(frame.flow));
    endFrame(progress, 'cancelled');
  }
}
