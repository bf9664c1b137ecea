import type { StreamName } from '#contract/bodies';
import { partitionOf } from '#contract/partition-of';
import { parseSessionId } from '#contract/session-id';
import { readSession } from '#operations/sessions/session-state';
import { readerOf } from '#operations/streams/read-stream-states';
import type { Transport } from '#streams/open-transport';
import { type DeadLetter, fieldOf, replayObstacle } from './dead-letter.ts';

/** What replaying a letter would do, as things stand now. */
export type Foresight =
  | { readonly canReplay: false; readonly obstacle: string }
  | {
      readonly canReplay: true;
      readonly stream: StreamName;
      readonly partition: number;
      /** Who would read it. */
      readonly group: string;
      /** Inbound entries of the partition that have no outcome yet and come before it. */
      readonly behind: number;
      /** The fact that counts as never handled from then on; null where the ledger covers nothing of the stream. */
      readonly fact: string | null;
      /** What the ledger says of it now; null where it has forgotten it. */
      readonly ledger: string | null;
      readonly session: string | null;
      /** When its conversation had its last turn; null where it was reset or has expired: then it begins anew. */
      readonly lastTurnAt: string | null;
    };

/** Looks, and changes nothing. */
export async function foreseeReplay(transport: Transport, letter: DeadLetter): Promise<Foresight> {
  const { redis, keys, partitions } = transport;
  const { partition, stream } = letter;
  const obstacle = replayObstacle(letter);
  if (obstacle !== undefined || stream === undefined) return { canReplay: false, obstacle: obstacle ?? '' };
  const id = fieldOf(letter.original, 'id') ?? null;
  const fact = stream === 'inbound' ? id : null;
  const session = fieldOf(letter.original, 'session') ?? null;
  const isReal = session !== null && parseSessionId(session) !== undefined;
  const isHere = isReal && partitionOf(session, partitions) === partition;
  const [ledger, behind, state] = await Promise.all([
    fact === null ? null : redis.get(keys.fact(partition, fact)),
    redis.hlen(keys.accepted(partition)),
    isHere ? readSession(transport, session) : undefined,
  ]);
  return {
    canReplay: true,
    stream,
    partition,
    group: readerOf[stream],
    behind: stream === 'inbound' ? behind : 0,
    fact,
    ledger,
    session,
    lastTurnAt: state?.lastTurnAt ?? null,
  };
}
