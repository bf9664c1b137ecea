import { chooseAnswer, chooseCorrection } from './choose-answer.ts';
import { chooseFlow, chooseOther } from './choose-flow.ts';
import { chooseExposed, chooseOpening, chooseTalk } from './choose-talk.ts';
import type { Language } from './language.ts';
import { type Choice, readText } from './reading.ts';
import type { DialogueContext } from './understanding.ts';

/** Finds what one text does where the conversation stands. What is more urgent is looked for first. */
export function chooseCommands(
  text: string,
  context: DialogueContext,
  language: Language,
  hasTopic: (text: string) => boolean,
): Choice {
  const reading = readText(text, context, language, hasTopic);
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
