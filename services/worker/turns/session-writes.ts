import type { Situation } from '#agents/conversation/situation';
import type { TurnRecord } from '#contract/turn-record';
import type { RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { TurnDeps } from './turn-deps.ts';

/** What is known of a session beside its checkpoints: for people who look, and for the list of sessions. */
export function sessionWrites(
  deps: Pick<TurnDeps, 'keys' | 'sessionTtlMs'>,
  delivery: Delivery,
  situation: Situation,
): RedisWrite[] {
  const { partition, entry, appendedAt } = delivery;
  const key = deps.keys.session(partition, entry.session);
  const at = new Date(appendedAt).toISOString();
  return [
    { command: 'HSET', key, args: ['lastTurnAt', at, 'lastFact', entry.id, 'state', stateOf(situation)] },
    { command: 'HINCRBY', key, args: ['turns', '1'] },
    { command: 'PEXPIRE', key, args: [String(deps.sessionTtlMs)] },
    { command: 'ZADD', key: deps.keys.sessions(partition), args: [String(appendedAt), entry.session] },
    {
      command: 'ZREMRANGEBYSCORE',
      key: deps.keys.sessions(partition),
      args: ['-inf', String(appendedAt - deps.sessionTtlMs)],
    },
  ];
}

/**
 * Names only, no values: `conversation_state`, the flow stack, the step and what is awaited, as JSON. What is as in a
 * conversation with nothing open is left out, readers put it in: values over 64 bytes would make Redis keep the whole record
 * in twice the memory (`hash-max-listpack-value`), and nearly all sessions are idle.
 */
function stateOf(situation: Situation): string {
  const { dialogue, takeover, topics } = situation;
  const { flow, step, awaiting, paused } = flowStateOf(situation);
  const state = {
    conversation_state: takeover === null ? (flow === null ? undefined : 'in_flow') : 'with_person',
    flow: flow ?? undefined,
    step: step ?? undefined,
    awaiting: awaiting ?? undefined,
    paused: orNothing(paused),
    parked: orNothing(dialogue.parked.map(({ flow: parked }) => parked)),
    topics: orNothing(topics),
  };
  return JSON.stringify(state);
}

function orNothing(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}

/** Where the flows stand, by name. */
export function flowStateOf({ dialogue: { stack } }: Situation): TurnRecord['state'] {
  const active = stack.at(-1);
  const awaiting = active?.awaiting;
  return {
    flow: active?.flow ?? null,
    step: active?.step ?? null,
    awaiting:
      awaiting === undefined || awaiting === null || awaiting.kind === 'approval' ? null : awaiting.slot,
    paused: stack.slice(0, -1).map(({ flow }) => flow),
  };
}
