import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { createBackstage } from './backstage.ts';
import { compareTurn } from './compare-turn.ts';
import type { Dialogue } from './dialogue.ts';
import type { DialogueFailure, DialogueOutcome, SpokenTurn } from './dialogue-outcome.ts';
import type { DialogueStage } from './dialogue-stage.ts';
import { rehearse } from './rehearse.ts';

/**
 * Plays a dialogue in this process: messages through the conversation graph, decisions through the action graph under a
 * permit, as a worker does it. Time is the dialogue's own. A turn that breaks off ends the dialogue.
 */
export async function playDialogue(
  dialogue: Dialogue,
  stage: DialogueStage,
  signal: AbortSignal,
): Promise<DialogueOutcome> {
  const backstage = createBackstage(dialogue, stage, signal);
  const failures: DialogueFailure[] = [];
  const transcript: SpokenTurn[] = [];
  for (const [index, turn] of dialogue.turns.entries()) {
    signal.throwIfAborted();
    const at = { file: dialogue.file, turn: index + 1, said: titleOf(turn) };
    try {
      const heard = await rehearse(backstage, turn, index);
      const { texts: answers, notices, ran, waits } = heard;
      transcript.push({ said: at.said, answers, notices, ran, waits });
      const mismatches = compareTurn(turn, heard);
      failures.push(
        ...mismatches.map(({ about, expected, instead }) => ({
          ...at,
          line: dialogue.lineOf(index, about),
          expected,
          instead,
        })),
      );
    } catch (error) {
      signal.throwIfAborted();
      const instead = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      failures.push({ ...at, line: dialogue.lineOf(index), expected: 'the turn comes to its end', instead });
      break;
    }
  }
  const { name, file, turns } = dialogue;
  return { name, file, turns: turns.length, failures, transcript };
}

function titleOf({ user, approval, decide, person, pass }: DialogueTurn): string {
  if (user !== undefined) return user;
  if (approval !== undefined) return `${decide ?? 'decide'} ${approval}`;
  return person ?? `${pass} pass`;
}
