import { describeForPerson } from '#agents/review/describe-for-person';
import { actionOf } from '#contract/approval';
import type { OpenTurn } from './open-turn.ts';
import { propose } from './propose.ts';

/** Names of the tools that vagent brings by itself; each is behind an approval. */
export const builtIn = {
  sendReply: 'send_reply',
  handOff: 'hand_off',
  writeProcedure: 'write_procedure',
  raiseBudget: 'raise_budget',
} as const;

/** Asks a person to answer, or to take over; once, however often it is wanted. */
export function askPerson(turn: OpenTurn, summary: string): void {
  if (turn.pending.some(({ purpose }) => purpose.kind === 'hand_off')) {
    turn.waits.push('A colleague has been asked already and will answer here.');
    return;
  }
  propose(turn, {
    actions: [actionOf(builtIn.handOff, { summary })],
    purpose: { kind: 'hand_off' },
    reason: `${turn.subject.user} needs a person`,
    context: turn.said,
    decisions: ['approve', 'reject', 'respond'],
    waits: `I have asked a colleague to take this over; they will answer here. ${turn.desk.playbook.human.trim()}`,
  });
}

/** What a person should know who takes a conversation over: why, and what it is about. */
export function summaryOf({ said, analysis, findings }: OpenTurn, why: string): string {
  return `${why}\n\n${describeForPerson(said, analysis, findings)}`;
}
