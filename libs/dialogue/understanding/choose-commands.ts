import type { Command } from '../command.ts';
import { findSlotValue } from './find-slot-values.ts';
import type { Language } from './language.ts';
import { keyPlaceholderIn } from './placeholders.ts';
import { readAnswer } from './read-answer.ts';
import { readCorrection } from './read-correction.ts';
import { isAboutQuestion, isCorrection, isNegated, isReported } from './text-signs.ts';
import type { Act } from './training-set.ts';
import type { DialogueContext } from './understanding.ts';

export interface Choice {
  readonly commands: readonly Command[];
  readonly confidence: number;
}

/** How sure one has to be. What changes something needs more than what only answers. */
const sure = { act: 0.5, interrupt: 0.6, flow: 0.5, talk: 0.4, clause: 0.85 };
const mostClauses = 8;
/** A flow or topic is offered to choose from when it is at least so likely. */
const leastOffered = 0.12;

/** Finds what one text does where the conversation stands. */
export function chooseCommands(
  text: string,
  context: DialogueContext,
  language: Language,
  hasTopic: (text: string) => boolean,
): Choice {
  const acts = inPlace(language.acts(text), context);
  const reading: Reading = { text, context, language, acts, best: bestOf(acts), hasTopic };
  return (
    chooseExposed(reading) ??
    chooseTalk(reading) ??
    chooseOpening(reading) ??
    chooseCorrection(reading) ??
    chooseAnswer(reading) ??
    chooseFlow(reading) ??
    chooseOther(reading)
  );
}

interface Reading {
  readonly text: string;
  readonly context: DialogueContext;
  readonly language: Language;
  readonly acts: Readonly<Record<Act, number>>;
  readonly best: Act;
  /** Whether somebody here, or clearly nobody here, is for what the text is about. */
  readonly hasTopic: (text: string) => boolean;
}

/** A token that has become known is more urgent than whatever else is said. */
function chooseExposed({ text, context, language }: Reading): Choice | undefined {
  const placeholder = keyPlaceholderIn(text);
  if (placeholder === undefined) return undefined;
  for (const { id, isOffered } of language.flows.values()) {
    const places = language
      .placesOf(id)
      .find(({ validator, kind }) => kind === 'pattern' && validator?.validate(placeholder).ok === true);
    if (places === undefined || !isOffered) continue;
    const isFilled = context.filled.includes(places.slot.name);
    if (context.flow === id)
      return {
        commands: [
          { kind: isFilled ? 'correct_slot' : 'set_slot', slot: places.slot.name, value: placeholder },
        ],
        confidence: 1,
      };
    return {
      commands: [
        {
          kind: 'start_flow',
          flow: id,
          slots: { ...slotsIn(text, id, language), [places.slot.name]: placeholder },
        },
      ],
      confidence: 1,
    };
  }
  return undefined;
}

/** "Never mind, …", "stop, …": what a text opens with counts more than what follows. A person is wanted wherever it is said. */
function chooseOpening({ text, language }: Reading): Choice | undefined {
  const clauses = text.split(/[,.;:!?\n]+\s+/u, mostClauses);
  if (clauses.length < 2) return undefined;
  for (const [index, clause] of clauses.entries()) {
    if (clause.length < 3 || clause.length > 60 || language.familiarity(clause) < 1) continue;
    const { cancel, hand_off: handOff } = language.acts(clause);
    if (index === 0 && cancel > sure.clause) return { commands: [{ kind: 'cancel' }], confidence: cancel };
    if (handOff > sure.clause) return { commands: [{ kind: 'hand_off' }], confidence: handOff };
  }
  return undefined;
}

/** Where nothing is asked nobody answers: what would be an answer is something else. */
function inPlace(
  acts: Readonly<Record<Act, number>>,
  { flow }: DialogueContext,
): Readonly<Record<Act, number>> {
  if (flow !== null) return acts;
  const rest = 1 - acts.inform;
  const scaled = Object.entries(acts).map(([act, p]) => [
    act,
    act === 'inform' ? 0 : p / Math.max(rest, 0.05),
  ]);
  // The same keys as before.
  return Object.fromEntries(scaled) as Record<Act, number>;
}

function bestOf(acts: Readonly<Record<Act, number>>): Act {
  // The keys of the record above.
  const labels = Object.keys(acts) as Act[];
  return labels.reduce(
    (best, act) => (likelihoodOf(acts, act) > likelihoodOf(acts, best) ? act : best),
    'vague',
  );
}

function likelihoodOf(acts: Readonly<Record<Act, number>>, act: Act): number {
  return acts[act] ?? 0;
}

/** Talk about the conversation goes before answers: somebody who wants to stop is not asked on. */
function chooseTalk({ text, context, acts, best, language }: Reading): Choice | undefined {
  if (context.awaiting !== null && /^(?:and |but )?why\b/iu.test(text) && likelihoodOf(acts, 'why') > 0.2) {
    return {
      commands: [{ kind: 'digress', digression: 'why', text, topics: [] }],
      confidence: likelihoodOf(acts, 'why'),
    };
  }
  const p = likelihoodOf(acts, best);
  const isText = context.awaiting !== null && isFreeText(language, context);
  const needed = isText ? 0.75 : context.awaiting === null ? sure.talk : sure.act;
  if (p < needed) return undefined;
  const digress = (digression: 'why' | 'help' | 'status'): Choice => ({
    commands: [{ kind: 'digress', digression, text, topics: [] }],
    confidence: p,
  });
  switch (best) {
    case 'cancel':
      if (meansMore(text, context, language, p)) return undefined;
      return p < sure.act ? undefined : { commands: [{ kind: 'cancel' }], confidence: p };
    case 'hand_off':
      return p < sure.act ? undefined : { commands: [{ kind: 'hand_off' }], confidence: p };
    case 'resume':
      return { commands: [{ kind: 'resume', flow: mentionedFlow(text, context, language) }], confidence: p };
    case 'why':
    case 'help':
    case 'status':
      return digress(best);
    default:
      return undefined;
  }
}

/** "I don't have it any more" answers whether the device is lost, and cancels nothing. */
function meansMore(text: string, { awaiting }: DialogueContext, language: Language, p: number): boolean {
  const meaning = awaiting === null ? undefined : language.meaning(awaiting.flow, awaiting.slot, text);
  return meaning !== undefined && meaning.likelihood > Math.max(p, 0.8);
}

/** The flow whose name the text uses; of paused ones first. */
function mentionedFlow(text: string, { paused }: DialogueContext, { flows }: Language): string | null {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const overlap = (flow: string): number =>
    flow
      .split('_')
      .filter((part) => words.has(part) || words.has(`${part}s`) || words.has(part.replace(/s$/, ''))).length;
  const known = [...new Set([...paused, ...flows.keys()])].filter((flow) => flows.has(flow));
  const best = known.reduce<string | undefined>(
    (found, flow) => (overlap(flow) > (found === undefined ? 0 : overlap(found)) ? flow : found),
    undefined,
  );
  return best ?? null;
}

function chooseCorrection({ text, context, language, acts }: Reading): Choice | undefined {
  const { flow, awaiting } = context;
  if (!isCorrection(text) && likelihoodOf(acts, 'correct') < 0.6) return undefined;
  if (flow === null) return undefined;
  if (awaiting !== null && isFreeText(language, context) && !isCorrection(text)) return undefined;
  const correction = readCorrection(text, language.placesOf(flow), context, language.isKnownWord);
  if (correction === undefined) return undefined;
  const { slot, value } = correction;
  const confidence = Math.max(0.7, likelihoodOf(acts, 'correct'));
  if (value !== null && !context.filled.includes(slot))
    return { commands: [{ kind: 'set_slot', slot, value }], confidence };
  return { commands: [{ kind: 'correct_slot', slot, value }], confidence };
}

function chooseAnswer(reading: Reading): Choice | undefined {
  const { text, context, language, acts, best } = reading;
  if (context.awaiting === null) return undefined;
  const p = likelihoodOf(acts, best);
  const isOther = best.startsWith('flow ') && best !== `flow ${context.flow}` && p > sure.interrupt;
  if (isOther && !isAboutQuestion(text) && !isNegated(text)) return undefined;
  if (isAboutQuestion(text) || (text.endsWith('?') && best === 'question')) return undefined;
  const answer = readAnswer(text, context, language, acts);
  if (answer === undefined) return undefined;
  return {
    commands: answer.map(
      ({ slot, value, isFilled }): Command => ({ kind: isFilled ? 'correct_slot' : 'set_slot', slot, value }),
    ),
    confidence: 0.9,
  };
}

function isFreeText(language: Language, { awaiting }: DialogueContext): boolean {
  if (awaiting === null) return false;
  const places = language.placesOf(awaiting.flow).find(({ slot }) => slot.name === awaiting.slot);
  return places?.kind === 'text';
}

function chooseFlow({ text, context, language, acts }: Reading): Choice | undefined {
  const flows = [...language.flows.keys()].map((id) => ({ id, p: likelihoodOf(acts, `flow ${id}`) }));
  const [first] = flows.sort((one, other) => other.p - one.p);
  if (first === undefined || first.p < leastOffered) return undefined;
  if (isAboutQuestion(text)) return undefined;
  if (isNegated(text)) {
    const isOurs = first.id === context.flow || context.paused.includes(first.id) || context.waiting > 0;
    if (first.p < sure.flow) return undefined;
    const command: Command = isOurs ? { kind: 'cancel' } : { kind: 'clarify', options: [first.id] };
    return { commands: [command], confidence: first.p };
  }
  const rest = likelihoodOf(acts, 'question') + likelihoodOf(acts, 'vague');
  if (isReported(text) || first.p < sure.flow) {
    if (first.p < rest) return undefined;
    return {
      commands: [
        {
          kind: 'clarify',
          options: flows
            .filter(({ p }) => p >= leastOffered)
            .slice(0, 3)
            .map(({ id }) => id),
        },
      ],
      confidence: first.p,
    };
  }
  return {
    commands: [{ kind: 'start_flow', flow: first.id, slots: slotsIn(text, first.id, language) }],
    confidence: first.p,
  };
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

function chooseOther({ text, context, language, acts, best, hasTopic }: Reading): Choice {
  const p = likelihoodOf(acts, best);
  const question = likelihoodOf(acts, 'question');
  const isAsking = isAboutQuestion(text) || question >= sure.talk || (text.includes('?') && question > 0.25);
  const isChat = best === 'greeting' || best === 'thanks' || best === 'chat';
  if (isChat && p >= sure.talk && language.familiarity(text) > 0.3) {
    return { commands: [{ kind: 'chat', tone: best === 'chat' ? 'other' : best }], confidence: p };
  }
  const isAnswerable = language.familiarity(text) >= 0.3 && likelihoodOf(acts, 'vague') < 0.5;
  if (isAnswerable && (isAsking || (context.awaiting === null && hasTopic(text)))) {
    return {
      commands: [{ kind: 'digress', digression: 'question', text, topics: [] }],
      confidence: Math.max(p, 0.5),
    };
  }
  if (!/[\p{L}\p{N}]/u.test(text) && /\p{Extended_Pictographic}/u.test(text) && context.awaiting === null) {
    return { commands: [{ kind: 'chat', tone: 'other' }], confidence: 0.5 };
  }
  const options = [...language.flows.keys()].filter((id) => likelihoodOf(acts, `flow ${id}`) >= leastOffered);
  const offered = context.awaiting === null ? options.slice(0, 3) : [];
  return { commands: [{ kind: 'clarify', options: offered }], confidence: Math.max(p, 0.3) };
}
