import type { Action } from '#contract/approval';
import type { OpenTurn } from './open-turn.ts';
import { isWaiting, propose, sayAlreadyWaiting, sayAsked } from './propose.ts';

/** Puts actions to the reviewers: one approval for each tool, because the policy is the tool's; none asked twice. */
export function requestActions(turn: OpenTurn, actions: readonly Action[]): void {
  const different = [...new Map(actions.map((action) => [action.digest, action])).values()];
  const waiting = different.filter((action) => isWaiting(turn, action));
  if (waiting.length > 0) turn.waits.push(sayAlreadyWaiting(waiting));
  const fresh = different.filter((action) => !isWaiting(turn, action));
  for (const [first, ...rest] of Map.groupBy(fresh, ({ name }) => name).values()) {
    if (first === undefined) continue;
    propose(turn, {
      actions: [first, ...rest],
      purpose: { kind: 'request' },
      reason: `${turn.subject.user} asked for it`,
      context: [turn.said, turn.findings].filter(Boolean).join('\n\n'),
      waits: sayAsked([first, ...rest]),
    });
  }
}
