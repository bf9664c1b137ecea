import type { Message } from '#models/message';
import { closeAccount } from './account.ts';
import type { OpenTurn } from './open-turn.ts';
import type { PendingApproval } from './pending-approval.ts';
import type { Situation } from './situation.ts';
import type { TurnOutput } from './turn.ts';

/** What a turn leaves behind: the state for the checkpoint, the output for the worker. */
export interface ClosedTurn {
  readonly messages: readonly Message[];
  readonly pending: readonly PendingApproval[];
  readonly situation: Situation;
  readonly output: TurnOutput;
}

/** Makes one reply of the turn's parts. A session holds on to its playbook as long as something is open. */
export function closeTurn(turn: OpenTurn): ClosedTurn {
  const { proposals, cancels, notices, later, pending } = turn;
  const { dialogue, takeover } = turn.situation;
  const parts = [...turn.texts, ...turn.waits].filter((text) => text.trim() !== '');
  const isOpen = dialogue.stack.length + dialogue.parked.length + pending.length > 0 || takeover !== null;
  const version = isOpen ? turn.desk.playbook.version : null;
  const situation = version === turn.situation.version ? turn.situation : { ...turn.situation, version };
  const output = { proposals, cancels, notices, later, situation, account: closeAccount(turn) };
  const user: Message[] = turn.heard === '' ? [] : [{ role: 'user', text: turn.heard }];
  if (parts.length === 0) {
    return { messages: user, pending, situation, output: { ...output, outcome: 'no_reply' } };
  }
  const reply = parts.join('\n\n');
  return {
    messages: [...user, { role: 'assistant', text: reply }],
    pending,
    situation,
    output: {
      ...output,
      reply,
      ...(turn.speaker === null ? {} : { agent: turn.speaker }),
      outcome: proposals.length > 0 ? 'waiting' : 'replied',
    },
  };
}
