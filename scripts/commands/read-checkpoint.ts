import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import { sealedSerializer } from '../../services/worker/turns/sealed-serializer.ts';

/**
 * What the newest checkpoint of a conversation holds, by channel, opened as its worker opens it: in Redis it may be compressed,
 * and sealed. Undefined where there is none. Changes nothing, not even its lifetime.
 */
export async function readCheckpoint(
  { redis, keys, partitions, sealBody, openBody }: Transport,
  session: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const partition = partitionOf(session, partitions);
  const saver = new RedisSaver({
    redis,
    keyOf: (thread) => keys.thread(partition, encodeKeyPart(thread)),
    serde: sealedSerializer(sealBody, openBody),
    cacheEntries: 0,
  });
  const tuple = await saver.getTuple({ configurable: { thread_id: session } });
  return tuple?.checkpoint.channel_values;
}
