import type { Command } from '#dialogue/command';
import { findSlotValue } from './find-slot-values.ts';
import type { Language } from './language.ts';
import type { Act } from './training-set.ts';
import type { DialogueContext } from './understanding.ts';

/** What a text was taken for, and how likely it is that. */
export interface Choice {
  readonly commands: readonly Command[];
  readonly confidence: number;
}

/** A text at its place in the conversation, with what it may be. */
export interface Reading {
  readonly text: string;
  readonly context: DialogueContext;
  readonly language: Language;
  readonly acts: Readonly<Record<Act, number>>;
  /** The likeliest act. */
  readonly best: Act;
  /** Whether somebody here, or clearly nobody here, is for what the text is about. */
  readonly hasTopic: (text: string) => boolean;
}

/** How sure one has to be. What changes something needs more than what only answers. */
export const sure = { act: 0.42, interrupt: 0.6, flow: 0.5, told: 0.4, urgent: 0.4, talk: 0.4, clause: 0.85 };

export function readText(
  text: string,
  context: DialogueContext,
  language: Language,
  hasTopic: (text: string) => boolean,
): Reading {
  const acts = inPlace(language.acts(text), context);
  return { text, context, language, acts, best: bestOf(acts), hasTopic };
}

/** How much likelier an act is where the conversation stands than it is anywhere. */
function weightOf(act: string, { flow, awaiting, paused }: DialogueContext): number {
  // Where nothing is asked nobody answers: what would be an answer is something else.
  if (act === 'inform') return flow === null ? 0 : 1;
  if (act === 'resume') return paused.length > 0 ? 3 : 1;
  if (act === 'why') return awaiting === null ? 0.5 : 1.5;
  if (act === 'help') return awaiting === null ? 1 : 1.3;
  if (act === 'affirm' || act === 'deny') return awaiting?.type === 'boolean' ? 3 : 1;
  return 1;
}

function inPlace(
  acts: Readonly<Record<Act, number>>,
  context: DialogueContext,
): Readonly<Record<Act, number>> {
  const weighted = Object.entries(acts).map(([act, p]): [string, number] => [
    act,
    p * weightOf(act, context),
  ]);
  const sum = Math.max(
    weighted.reduce((total, [, p]) => total + p, 0),
    0.05,
  );
  const scaled = Object.fromEntries(weighted.map(([act, p]) => [act, p / sum]));
  // Somebody who agrees while nothing is asked goes on with what is paused.
  if (context.flow === null && context.paused.length > 0) {
    scaled['resume'] = (scaled['resume'] ?? 0) + (scaled['affirm'] ?? 0);
    scaled['affirm'] = 0;
  }
  // "Go on" agrees where a yes is waited for and nothing else is there to go on with.
  if (context.awaiting?.type === 'boolean' && context.paused.length === 0) {
    scaled['affirm'] = (scaled['affirm'] ?? 0) + (scaled['resume'] ?? 0);
    scaled['resume'] = 0;
  }
  // The same keys as before.
  return scaled as Record<Act, number>;
}

function bestOf(acts: Readonly<Record<Act, number>>): Act {
  // The keys of the record above.
  const labels = Object.keys(acts) as Act[];
  return labels.reduce(
    (best, act) => (likelihoodOf(acts, act) > likelihoodOf(acts, best) ? act : best),
    'vague',
  );
}

export function likelihoodOf(acts: Readonly<Record<Act, number>>, act: Act): number {
  return acts[act] ?? 0;
}

/** Whether any text is an answer to what is asked. */
export function isFreeText(language: Language, { awaiting }: DialogueContext): boolean {
  if (awaiting === null) return false;
  const places = language.placesOf(awaiting.flow).find(({ slot }) => slot.name === awaiting.slot);
  return places?.kind === 'text';
}

/** What a message says of a flow's slots unasked. */
export function slotsIn(text: string, flow: string, language: Language): Record<string, string> {
  const slots: Record<string, string> = {};
  for (const places of language.placesOf(flow)) {
    const value = findSlotValue(places, text, language.isKnownWord);
    if (value !== undefined) slots[places.slot.name] = value;
  }
  return slots;
}
