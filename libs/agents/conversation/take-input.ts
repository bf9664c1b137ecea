import type { OpenTurn } from './open-turn.ts';
import { relayToUser } from './relay.ts';
import { takeCheck } from './take-check.ts';
import { takeFeedback } from './take-feedback.ts';
import { takeMessage } from './take-message.ts';
import { takeOutcome } from './take-outcome.ts';
import type { TurnInput } from './turn.ts';

/** Does what a turn starts from: the rest is the agents', where it left them tasks. */
export function takeInput(turn: OpenTurn, input: TurnInput): Promise<void> {
  switch (input.kind) {
    case 'message':
      return takeMessage(turn, input);
    case 'action_finished':
      return takeOutcome(turn, input);
    case 'check':
      return takeCheck(turn, input);
    case 'person':
      return Promise.resolve(relayToUser(turn, input));
    case 'feedback':
      return takeFeedback(turn, input);
    default:
      return input satisfies never;
  }
}
