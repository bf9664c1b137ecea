import type { Playbook } from '#playbook/playbook';
import type { Command } from '../command.ts';
import type { Validator } from '../flows/validator.ts';
import { type Choice, chooseCommands, slotsIn } from './choose-commands.ts';
import { cleanText } from './clean-text.ts';
import { createAnalyser } from './create-analyser.ts';
import { type Language, learnLanguage } from './language.ts';
import { splitSentences } from './split-sentences.ts';
import { isAboutQuestion } from './text-signs.ts';
import type { Analysis, DialogueContext, Understand } from './understanding.ts';

export interface OfflineDeps {
  readonly playbook: Pick<Playbook, 'flows' | 'agents' | 'talk' | 'analysis'>;
  readonly validators: ReadonlyMap<string, Validator>;
}

/**
 * Understands without a model, by what it learns at once from the playbook's examples. Never throws, and takes well
 * under a millisecond; of a long message it reads the beginning and the end.
 */
export function createOfflineUnderstanding({ playbook, validators }: OfflineDeps): Understand {
  const language = learnLanguage(playbook, validators);
  const analyse = createAnalyser(playbook, validators, language);
  return async ({ text, context }) => {
    const clean = cleanText(text);
    const analysis = analyse(clean);
    const choice = choose(clean, context, language);
    return { ...withTopics(choice, clean, analysis), confidence: choice.confidence };
  };
}

function choose(text: string, context: DialogueContext, language: Language): Choice {
  const sentences = splitSentences(text);
  if (sentences.length === 0) return { commands: [{ kind: 'clarify', options: [] }], confidence: 0.5 };
  const whole = chooseCommands(text.replaceAll('\n', ' '), context, language);
  if (sentences.length === 1 || context.awaiting !== null) return whole;
  const parts = sentences.map((sentence) => ({ sentence, ...chooseCommands(sentence, context, language) }));
  return merge(text, parts, whole, language);
}

function merge(
  text: string,
  parts: readonly (Choice & { readonly sentence: string })[],
  whole: Choice,
  language: Language,
): Choice {
  const of = (kind: Command['kind']) => parts.filter(({ commands }) => commands[0]?.kind === kind);
  const commands: Command[] = [];
  for (const kind of ['cancel', 'hand_off', 'resume'] as const)
    commands.push(
      ...of(kind)
        .slice(0, 1)
        .flatMap((part) => part.commands),
    );
  const flows = new Set<string>();
  for (const {
    commands: [command],
  } of [...of('start_flow'), whole]) {
    if (command?.kind !== 'start_flow' || flows.has(command.flow)) continue;
    if (flows.size > 0 && whole.commands[0] === command) continue;
    flows.add(command.flow);
    commands.push({ ...command, slots: slotsIn(text.replaceAll('\n', ' '), command.flow, language) });
  }
  const digressions = of('digress').filter(
    ({ sentence }) => commands.length === 0 || isAboutQuestion(sentence),
  );
  const [digression] = digressions.flatMap((part) => part.commands);
  if (digression?.kind === 'digress') {
    const isTalk = digressions.every(
      ({ commands: [command] }) => command?.kind === 'digress' && command.digression !== 'question',
    );
    commands.push(isTalk ? digression : { kind: 'digress', digression: 'question', text, topics: [] });
  }
  if (commands.length === 0)
    return whole.commands[0]?.kind === 'chat'
      ? (parts.find(({ commands: [command] }) => command?.kind !== 'chat') ?? whole)
      : whole;
  const confidence =
    parts.find((part) => part.commands[0]?.kind === commands[0]?.kind)?.confidence ?? whole.confidence;
  return { commands, confidence };
}

/** Questions carry the topics that the message is about. */
function withTopics(choice: Choice, text: string, analysis: Analysis) {
  const commands = choice.commands.map((command) => {
    if (command.kind !== 'digress' || command.digression !== 'question') return command;
    return { ...command, text, topics: analysis.topics };
  });
  const isAbout = commands.some(
    ({ kind }) => kind === 'start_flow' || kind === 'digress' || kind === 'hand_off' || kind === 'clarify',
  );
  return { commands, analysis: isAbout ? analysis : { ...analysis, topics: [] } };
}
