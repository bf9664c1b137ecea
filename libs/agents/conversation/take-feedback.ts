import { advanceDialogue } from './advance-dialogue.ts';
import { answerAsides } from './answer-asides.ts';
import { askPerson, summaryOf } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import { remember } from './take-message.ts';
import type { FeedbackInput } from './turn.ts';
import { useTool } from './use-tool.ts';

const feedbackFlow = 'feedback';

/**
 * Somebody says whether they were helped, by a button and not in words. Where the feedback flow has just asked, it is the answer
 * to that; else it is recorded, and what is not solved is opened again by a person.
 */
export async function takeFeedback(turn: OpenTurn, { solved, comment }: FeedbackInput): Promise<void> {
  turn.said = comment;
  turn.analysis = { ...turn.analysis, topics: turn.situation.topics };
  const { dialogue } = turn.desk;
  const active = turn.situation.dialogue.stack.at(-1);
  const isAsked = active?.awaiting?.kind === 'slot' && active.awaiting.slot === 'solved';
  if (active?.flow === feedbackFlow && isAsked) {
    const answer = { kind: 'set_slot', slot: 'solved', value: solved ? 'yes' : 'no' } as const;
    const { asides, completed } = await advanceDialogue(
      turn,
      dialogue.take(turn.situation.dialogue, [answer], turn.id),
    );
    await answerAsides(turn, asides);
    await remember(turn, completed);
    return;
  }
  turn.solved = solved;
  await useTool(turn, {
    name: 'record_feedback',
    args: { solved, comment },
    key: 'feedback',
    allowed: undefined,
  });
  await remember(turn, [feedbackFlow]);
  if (solved) {
    turn.texts.push('Thank you, good to hear.');
    return;
  }
  turn.texts.push('I am sorry that it is not solved. I open it again.');
  askPerson(turn, summaryOf(turn, 'They say that their problem is not solved.'));
}
