import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { BufferedSaver } from '#checkpoint/buffered-saver';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';
import { sealedSerializer } from './sealed-serializer.ts';

/** The savers of one turn: what the graphs save is held back for the turn's commit. */
export interface TurnSavers {
  readonly conversation: BaseCheckpointSaver;
  /** Threads of actions that wait for a decision: they live until it came, however long. */
  readonly actions: BaseCheckpointSaver;
  /** Everything that the commit has to write. */
  takeWrites(): RedisWrite[];
  /** The commit was written. Rejects when what follows (pruning) failed; a later turn does it again. */
  committed(): Promise<void>;
  /** Nothing of the turn was written. */
  discarded(): void;
}

export type SaversFor = (partition: number) => TurnSavers;

export interface SaverDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sessionTtlMs: number;
  readonly sealBody: (json: string) => string;
  /** Of what may be long; default `sealBody`. */
  readonly sealLong?: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  /** Partitions whose lease this process has: what is remembered of others is let go. Default: of all. */
  readonly held?: () => readonly number[];
}

/** Nothing goes back to an older checkpoint of a conversation: its history is in the newest. */
const keptCheckpoints = 1;
/** Together they are compressed better, and every part costs a field; putting them together costs a turn in so many a bit more. */
const mostParts = 8;
/** An action's thread is two checkpoints long: where it waits, and what was decided. */
const keptOfActions = 2;

/** Makes the savers of a turn in a given partition; what was read before is remembered across turns while it is held. */
export function createTurnSavers(deps: SaverDeps): SaversFor {
  const partitions = new Map<number, { conversation: RedisSaver; actions: RedisSaver }>();
  const letGo = (held: readonly number[]): void => {
    if (partitions.size <= held.length) return;
    for (const partition of partitions.keys()) if (!held.includes(partition)) partitions.delete(partition);
  };
  return (partition) => {
    const savers = partitions.get(partition) ?? openSavers(deps, partition);
    partitions.set(partition, savers);
    if (deps.held !== undefined) letGo(deps.held());
    const conversation = new BufferedSaver(savers.conversation);
    const actions = new BufferedSaver(savers.actions);
    return {
      conversation,
      actions,
      takeWrites: () => [...conversation.takeWrites(), ...actions.takeWrites()],
      committed: async () => {
        await Promise.all([conversation.committed(), actions.committed()]);
      },
      discarded: () => {
        conversation.discarded();
        actions.discarded();
      },
    };
  };
}

/** One saver for all turns that writes by itself, outside the commit: the official one. */
export function unbufferedSavers(saver: BaseCheckpointSaver): SaversFor {
  const savers: TurnSavers = {
    conversation: saver,
    actions: saver,
    takeWrites: () => [],
    committed: () => Promise.resolve(),
    discarded: () => undefined,
  };
  return () => savers;
}

function openSavers(deps: SaverDeps, partition: number) {
  const common = {
    redis: deps.redis,
    keyOf: (thread: string) => deps.keys.thread(partition, encodeKeyPart(thread)),
    serde: sealedSerializer(deps.sealLong ?? deps.sealBody, deps.openBody),
  };
  return {
    conversation: new RedisSaver({ ...common, keep: keptCheckpoints, mostParts, ttlMs: deps.sessionTtlMs }),
    actions: new RedisSaver({ ...common, keep: keptOfActions, cacheEntries: 16 }),
  };
}
