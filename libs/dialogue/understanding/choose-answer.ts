import type { Command } from '#dialogue/command';
import { findSlotValue } from './find-slot-values.ts';
import type { Language } from './language.ts';
import { readAnswer } from './read-answer.ts';
import { readCorrection } from './read-correction.ts';
import { type Choice, isFreeText, likelihoodOf, type Reading, sure } from './reading.ts';
import { isAboutQuestion, isCorrection, isNegated } from './text-signs.ts';

/** What takes back something that was said before. */
export function chooseCorrection({ text, context, language, acts }: Reading): Choice | undefined {
  const { flow, awaiting } = context;
  if (!isCorrection(text) && likelihoodOf(acts, 'correct') < 0.6) return undefined;
  if (flow === null) return chooseLateCorrection(text, language, acts);
  if (awaiting !== null && isFreeText(language, context) && !isCorrection(text)) return undefined;
  const correction = readCorrection(text, language.placesOf(flow), context, language.isKnownWord);
  if (correction === undefined) return undefined;
  const { slot, value } = correction;
  const confidence = Math.max(0.7, likelihoodOf(acts, 'correct'));
  if (value !== null && !context.filled.includes(slot))
    return { commands: [{ kind: 'set_slot', slot, value }], confidence };
  return { commands: [{ kind: 'correct_slot', slot, value }], confidence };
}

/** No flow is active: perhaps it waits for a reviewer already. Which slot is meant shows by the look of the value. */
function chooseLateCorrection(text: string, language: Language, acts: Reading['acts']): Choice | undefined {
  const confidence = likelihoodOf(acts, 'correct');
  if (confidence < sure.act) return undefined;
  for (const { id, isOffered } of language.flows.values()) {
    if (!isOffered) continue;
    for (const places of language.placesOf(id)) {
      const value = places.kind === 'pattern' ? findSlotValue(places, text, language.isKnownWord) : undefined;
      if (value !== undefined)
        return { commands: [{ kind: 'correct_slot', slot: places.slot.name, value }], confidence };
    }
  }
  return undefined;
}

/** The answer to what is asked. */
export function chooseAnswer(reading: Reading): Choice | undefined {
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
