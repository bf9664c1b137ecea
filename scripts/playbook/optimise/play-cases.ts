import type { UnderstandInput } from '#dialogue/understanding/understanding';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import type { Environment } from '#runtime/read-config';
import type { Dialogue } from '../dialogue.ts';
import { openStages } from '../open-stages.ts';
import { playDialogue } from '../play-dialogue.ts';
import type { LabelledCase } from './labelled-case.ts';

/**
 * The turns of dialogues that say how they are understood, each where it stands in its conversation. The dialogues are
 * played with the model that they script, so that a message is met where it would be met were all before it understood.
 */
export async function playCases(
  dir: string,
  dialogues: readonly Dialogue[],
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<LabelledCase[]> {
  const cases: LabelledCase[] = [];
  let heard: UnderstandInput | undefined;
  await using stages = await openStages(dir, 'scripted', env, (input) => {
    heard ??= input;
  });
  for (const dialogue of dialogues) {
    const stage = await stages.open();
    let open: { turn: DialogueTurn; said: string } | undefined;
    const close = (): void => {
      const found = open === undefined || heard === undefined ? undefined : caseOf(dialogue, open, heard);
      if (found !== undefined) cases.push(found);
      open = undefined;
      heard = undefined;
    };
    const begin = (turn: DialogueTurn, said: string): void => {
      close();
      open = { turn, said };
      stage.begin(turn, said);
    };
    // What a dialogue expects is for "vagent playbook test"; here it is only gone through.
    await playDialogue(dialogue, { ...stage, begin }, signal);
    close();
  }
  return cases;
}

function caseOf(
  dialogue: Dialogue,
  { turn, said }: { turn: DialogueTurn; said: string },
  input: UnderstandInput,
): LabelledCase | undefined {
  if (turn.user === undefined || turn.understood === undefined || input.text !== said) return undefined;
  const { context, history } = input;
  const { awaiting, paused } = context;
  const expect = expectedOf(turn);
  const place = {
    ...(awaiting === null ? {} : { awaiting: { flow: awaiting.flow, slot: awaiting.slot } }),
    ...(paused.length === 0 ? {} : { paused: [...paused] }),
  };
  return {
    origin: `${dialogue.file}:${dialogue.lineOf(dialogue.turns.indexOf(turn))}`,
    dialogue: dialogue.file,
    item: { text: turn.user, ...place, expect },
    text: said,
    isPersonal: said !== turn.user,
    expect,
    context,
    history,
  };
}

/** What tells how a turn is understood, as the labelled set says it: the first command that is more than chat. */
function expectedOf({ understood = [], analysis = {} }: DialogueTurn): LabelledMessage['expect'] {
  const first = understood.find(({ command }) => command !== 'chat') ?? understood[0];
  if (first === undefined) return { command: 'clarify' };
  const { command, flow, slot, value, digression } = first;
  const topics = first.topics ?? analysis.topics ?? [];
  const isOne =
    understood.length === 1 && command === 'digress' && digression === 'question' && topics.length === 1;
  return {
    command,
    ...(flow && { flow }),
    ...(slot && { slot }),
    ...(value !== undefined && command !== 'start_flow' && { value }),
    ...(digression && { digression }),
    ...(isOne && { topic: topics[0] }),
    ...(analysis.risk && { risk: analysis.risk }),
  };
}
