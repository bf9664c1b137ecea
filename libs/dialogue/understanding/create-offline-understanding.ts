import type { Command } from '#dialogue/command';
import type { Validator } from '#dialogue/flows/validator';
import type { Playbook } from '#playbook/playbook';
import { chooseCommands } from './choose-commands.ts';
import { cleanText } from './clean-text.ts';
import { createAnalyser } from './create-analyser.ts';
import { exposureSlot } from './exposure-slot.ts';
import { createTopicFinder, type Topics } from './find-topics.ts';
import { type Language, learnLanguage } from './language.ts';
import { type Choice, slotsIn } from './reading.ts';
import { splitSentences } from './split-sentences.ts';
import { isAboutQuestion } from './text-signs.ts';
import type { Analysis, DialogueContext, Understand } from './understanding.ts';

export interface OfflineDeps {
  readonly playbook: Pick<Playbook, 'flows' | 'agents' | 'talk' | 'analysis'>;
  readonly validators: ReadonlyMap<string, Validator>;
}

interface Learnt {
  readonly language: Language;
  readonly hasTopic: (text: string) => boolean;
}

/**
 * Understands without a model, by what it learns at once from the playbook's examples. Never throws, and takes well
 * under a millisecond; of a long message it reads the beginning and the end.
 */
export function createOfflineUnderstanding({ playbook, validators }: OfflineDeps): Understand {
  const language = learnLanguage(playbook, validators);
  const analyse = createAnalyser(playbook, language);
  const findTopics = createTopicFinder(playbook, language);
  language.forgetExamples();
  const learnt: Learnt = { language, hasTopic: (text) => findTopics(text).isSure };
  return async ({ text, context }) => {
    const clean = cleanText(text);
    const analysed = analyse(clean);
    const chosen = choose(clean, context, learnt);
    const isGrave = analysed.sensitivity.isSensitive && language.familiarity(clean) > 0.5;
    const { commands, confidence } = isGrave ? graveQuestion(chosen, clean, context) : chosen;
    const topics = commands.some(isAboutSomething) ? findTopics(clean) : noTopics;
    return {
      commands: commands.map((command) => withTopics(command, clean, topics)),
      analysis: withExposure({ topics: topics.ids, ...analysed }, commands, confidence, language),
      confidence,
    };
  };
}

/** What is at stake shows: nobody who tells of a leak or a threat is asked what they mean. */
function graveQuestion(choice: Choice, text: string, { awaiting }: DialogueContext): Choice {
  const [first] = choice.commands;
  if (awaiting !== null || first?.kind !== 'clarify' || first.options.length > 0) return choice;
  return { ...choice, commands: [{ kind: 'digress', digression: 'question', text, topics: [] }] };
}

/** Who starts the flow that takes a key tells that one has become known. */
function withExposure(
  analysis: Analysis,
  commands: readonly Command[],
  confidence: number,
  language: Language,
): Analysis {
  const isExposed = commands.some(
    (command) => command.kind === 'start_flow' && exposureSlot(command.flow, language),
  );
  if (!isExposed || analysis.sensitivity.isSensitive) return analysis;
  const sensitivity = {
    ...analysis.sensitivity,
    isSensitive: true,
    riskCategory: 'token_exposure',
    confidence,
  } as const;
  return { ...analysis, sensitivity };
}

const noTopics: Topics = { ids: [], isSure: true };

function isAboutSomething({ kind }: Command): boolean {
  return kind === 'start_flow' || kind === 'digress' || kind === 'hand_off' || kind === 'clarify';
}

/** Questions carry the topics that the message is about. */
function withTopics(command: Command, text: string, { ids }: Topics): Command {
  if (command.kind !== 'digress' || command.digression !== 'question') return command;
  return { ...command, text, topics: ids };
}

function choose(text: string, context: DialogueContext, { language, hasTopic }: Learnt): Choice {
  const sentences = splitSentences(text);
  if (sentences.length === 0) return { commands: [{ kind: 'clarify', options: [] }], confidence: 0.5 };
  const line = text.replaceAll('\n', ' ');
  const whole = chooseCommands(line, context, language, hasTopic);
  if (sentences.length === 1) return whole;
  if (context.awaiting !== null) {
    if (whole.commands[0]?.kind !== 'cancel') return whole;
    const rest = choose(
      sentences.slice(1).join('\n'),
      { ...context, flow: null, awaiting: null, filled: [] },
      { language, hasTopic },
    );
    const more = rest.commands.filter(({ kind }) => kind === 'start_flow' || kind === 'hand_off');
    return { ...whole, commands: [...whole.commands, ...more] };
  }
  const parts = sentences.map((sentence) => ({
    sentence,
    ...chooseCommands(sentence, context, language, hasTopic),
  }));
  // With nothing there to cancel, "kill it" is about what the message asks for.
  const isIdle = context.flow === null && context.paused.length === 0 && context.waiting === 0;
  const isStart = whole.commands[0]?.kind === 'start_flow';
  const told = isIdle && isStart ? parts.filter(({ commands }) => commands[0]?.kind !== 'cancel') : parts;
  return merge(line, told, whole, language);
}

type Part = Choice & { readonly sentence: string };

/** Works what the sentences do by themselves into one list, in the order in which it has to happen. */
function merge(text: string, parts: readonly Part[], whole: Choice, language: Language): Choice {
  const of = (kind: Command['kind']) => parts.filter(({ commands }) => commands[0]?.kind === kind);
  const actions = (['cancel', 'hand_off', 'resume'] as const).flatMap((kind) => of(kind).slice(0, 1));
  const flows = startedFlows(of('start_flow'), whole);
  const commands: Command[] = [
    ...actions.flatMap((part) => part.commands),
    ...flows.map((flow): Command => ({ kind: 'start_flow', flow, slots: slotsIn(text, flow, language) })),
  ];
  const digressions = of('digress').filter(
    ({ sentence }) => commands.length === 0 || isAboutQuestion(sentence),
  );
  const asked = digressions.find(
    ({ commands: [command] }) => command?.kind === 'digress' && command.digression === 'question',
  );
  commands.push(...((asked ?? digressions[0])?.commands ?? []));
  if (commands.length > 0) {
    const [first] = commands;
    const part = parts.find((one) => one.commands[0]?.kind === first?.kind);
    return { commands, confidence: part?.confidence ?? whole.confidence };
  }
  return parts.find((part) => part.commands[0]?.kind !== 'chat') ?? whole;
}

function startedFlows(parts: readonly Choice[], whole: Choice): string[] {
  const flowsOf = (choices: readonly Choice[]): string[] =>
    choices.flatMap(({ commands: [command] }) => (command?.kind === 'start_flow' ? [command.flow] : []));
  const own = flowsOf(parts);
  return [...new Set(own.length > 0 ? own : flowsOf([whole]))];
}
