import { BufferedSaver } from '#checkpoint/buffered-saver';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';
import { sealedSerializer } from './sealed-serializer.ts';

/** The savers of one turn: what the graphs save is held back for the turn's commit. */
export interface TurnSavers {
  readonly conversation: BufferedSaver;
  /** Threads of actions that wait for a decision: they live until it came, however long. */
  readonly actions: BufferedSaver;
  takeWrites(): RedisWrite[];
}

/** Makes the savers of a turn in a given partition; what was read before is remembered across turns. */
export function createTurnSavers(deps: {
  redis: RedisClient;
  keys: Keys;
  sessionTtlMs: number;
  sealBody: (json: string) => string;
  openBody: (sealed: string) => string;
}): (partition: number) => TurnSavers {
  const partitions = new Map<number, { conversation: RedisSaver; actions: RedisSaver }>();
  const serde = sealedSerializer(deps.sealBody, deps.openBody);
  const open = (partition: number) => {
    const keyOf = (thread: string) => deps.keys.thread(partition, encodeKeyPart(thread));
    const common = { redis: deps.redis, keyOf, serde, keep: 2 };
    return {
      conversation: new RedisSaver({ ...common, ttlMs: deps.sessionTtlMs }),
      actions: new RedisSaver({ ...common, cacheEntries: 16 }),
    };
  };
  return (partition) => {
    const savers = partitions.get(partition) ?? open(partition);
    partitions.set(partition, savers);
    const conversation = new BufferedSaver(savers.conversation);
    const actions = new BufferedSaver(savers.actions);
    return {
      conversation,
      actions,
      takeWrites: () => [...conversation.takeWrites(), ...actions.takeWrites()],
    };
  };
}
