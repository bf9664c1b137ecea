import type { Json } from '#contract/canonical-json';
import type { Advance, Aside, DialogueEvent, Met, Need } from '#dialogue/flows/dialogue';
import { note } from './account.ts';
import type { OpenTurn } from './open-turn.ts';
import { isWaiting, propose, sayAlreadyWaiting, sayAsked } from './propose.ts';
import { useTool } from './use-tool.ts';

/** Far more than any sensible flow does in one turn. */
const mostNeeds = 50;

/** What a flow did while it went on by itself. */
export interface Advanced {
  readonly asides: readonly Aside[];
  /** Flows that came to their end. */
  readonly completed: readonly string[];
}

/**
 * Lets the flows go on until they wait for somebody: runs the tools that they need, puts risky ones to the reviewers,
 * sets checks for later. Texts go to the reply in their order.
 */
export async function advanceDialogue(turn: OpenTurn, first: Advance): Promise<Advanced> {
  const asides: Aside[] = [];
  const completed: string[] = [];
  let advance = first;
  for (let met = 0; ; met += 1) {
    turn.situation = { ...turn.situation, dialogue: advance.state };
    asides.push(...advance.asides);
    for (const event of advance.events) {
      if (event.kind === 'said' || event.kind === 'asked') turn.texts.push(event.text);
      if (event.kind === 'completed') completed.push(event.flow);
      noteEvent(turn, event);
    }
    if (advance.need === undefined) return { asides, completed };
    const outcome: Met =
      met < mostNeeds
        ? await meet(turn, advance.need)
        : { kind: 'failed', text: 'This took more steps than one message may take, so I stopped here.' };
    advance = turn.desk.dialogue.meet(turn.situation.dialogue, advance.need, outcome);
  }
}

function noteEvent(turn: OpenTurn, event: DialogueEvent): void {
  if (event.kind === 'said') return;
  const detail = event.kind === 'asked' ? `for ${event.slot}` : undefined;
  note(turn, { kind: 'flow', name: event.flow }, event.kind, detail);
}

async function meet(turn: OpenTurn, need: Need): Promise<Met> {
  if (need.kind === 'check') {
    const { key, afterSeconds, check } = need;
    note(turn, { kind: 'flow', name: need.flow }, 'check_set', `${check.tool} in ${afterSeconds} s`);
    turn.later.push({ timer: `check:${turn.session}:${turn.id}:${key}`, afterSeconds, check });
    return { kind: 'scheduled' };
  }
  const { tool: name, args, key, mustAsk } = need;
  const outcome = await useTool(turn, { name, args, key, allowed: undefined, mustAsk });
  switch (outcome.status) {
    case 'done':
      if (name === 'record_feedback') turn.solved = solvedOf(args);
      return { kind: 'ran', data: outcome.data, text: outcome.text };
    case 'failed':
    case 'refused':
      return { kind: 'failed', text: outcome.text };
    case 'proposed': {
      const { action } = outcome;
      if (isWaiting(turn, action)) return { kind: 'failed', text: sayAlreadyWaiting([action]) };
      const approval = propose(turn, {
        actions: [action],
        purpose: { kind: 'flow' },
        reason: `${turn.subject.user} asked for it`,
        context: turn.said,
        waits: sayAsked([action]),
      });
      return { kind: 'proposed', approval };
    }
    default:
      return outcome satisfies never;
  }
}

function solvedOf({ solved }: Readonly<Record<string, Json>>): boolean | null {
  return typeof solved === 'boolean' ? solved : null;
}
