import type { Command } from '#dialogue/command';
import { exposureSlot } from './exposure-slot.ts';
import { findSlotValue } from './find-slot-values.ts';
import type { Language } from './language.ts';
import { type Choice, likelihoodOf, type Reading, slotsIn, sure } from './reading.ts';
import { isAboutQuestion, isNegated, isPast, isReported } from './text-signs.ts';

/** A flow is offered to choose from when it is at least so likely. */
const leastOffered = 0.12;
const mostOffered = 3;

/** Starts a flow, or asks whether one is meant. A question about a flow never starts it. */
export function chooseFlow({ text, context, language, acts }: Reading): Choice | undefined {
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
  const needed = neededFor(first.id, text, language);
  const rest = likelihoodOf(acts, 'question') + likelihoodOf(acts, 'vague');
  if (isReported(text) || isPast(text) || first.p < needed) {
    if (first.p < rest) return undefined;
    return {
      commands: [
        {
          kind: 'clarify',
          options: flows
            .filter(({ p }) => p >= leastOffered)
            .slice(0, mostOffered)
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

/** Less is enough where a value of the flow is told, and where waiting does harm: a key that has become known. */
function neededFor(flow: string, text: string, language: Language): number {
  if (exposureSlot(flow, language) !== undefined) return sure.urgent;
  const told = language.placesOf(flow).flatMap((places) => {
    const value = places.kind === 'pattern' ? findSlotValue(places, text, language.isKnownWord) : undefined;
    return value === undefined ? [] : [value];
  });
  // A value by itself says nothing of what is wanted.
  if (told.includes(text.replace(/[\s.!?]+$/u, ''))) return Number.POSITIVE_INFINITY;
  return told.length > 0 && text.split(/\s+/).length > 3 ? sure.told : sure.flow;
}

/** What remains: small talk, a question, or something that has to be asked about. */
export function chooseOther({ text, context, language, acts, best, hasTopic }: Reading): Choice {
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
  const offered = context.awaiting === null ? options.slice(0, mostOffered) : [];
  return { commands: [{ kind: 'clarify', options: offered }], confidence: Math.max(p, 0.3) };
}
