import { exposureSlot } from './exposure-slot.ts';
import type { Language } from './language.ts';
import { keyPlaceholderIn } from './placeholders.ts';
import { type Choice, isFreeText, likelihoodOf, type Reading, slotsIn, sure } from './reading.ts';
import type { DialogueContext } from './understanding.ts';

const mostClauses = 8;

/** A token that has become known is more urgent than whatever else is said. */
export function chooseExposed({ text, context, language }: Reading): Choice | undefined {
  const value = keyPlaceholderIn(text);
  if (value === undefined) return undefined;
  for (const { id, isOffered } of language.flows.values()) {
    const slot = isOffered ? exposureSlot(id, language) : undefined;
    if (slot === undefined) continue;
    if (context.flow === id) {
      const kind = context.filled.includes(slot) ? 'correct_slot' : 'set_slot';
      return { commands: [{ kind, slot, value }], confidence: 1 };
    }
    const slots = { ...slotsIn(text, id, language), [slot]: value };
    return { commands: [{ kind: 'start_flow', flow: id, slots }], confidence: 1 };
  }
  return undefined;
}

/** "Never mind, …", "stop, …": what a text opens with counts more than what follows. A person is wanted wherever it is said. */
export function chooseOpening({ text, language }: Reading): Choice | undefined {
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

/** Talk about the conversation goes before answers: somebody who wants to stop is not asked on. */
export function chooseTalk({ text, context, acts, best, language }: Reading): Choice | undefined {
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
