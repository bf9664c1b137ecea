import type { RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { TurnDeps } from './turn-deps.ts';

/** What is known of a session beside its checkpoints: for people who look, and for the list of sessions. */
export function sessionWrites(
  deps: Pick<TurnDeps, 'keys' | 'sessionTtlMs'>,
  delivery: Delivery,
): RedisWrite[] {
  const { partition, entry, appendedAt } = delivery;
  const key = deps.keys.session(partition, entry.session);
  const at = new Date(appendedAt).toISOString();
  return [
    { command: 'HSET', key, args: ['lastTurnAt', at, 'lastFact', entry.id] },
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
