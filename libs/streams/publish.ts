import type { StreamName } from '#contract/bodies';
import { type Entry, encodeEntry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { Signatures } from '#contract/signature';
import { factTtlMs } from './fact-ttl.ts';
import type { RedisClient } from './redis-client.ts';
import { loadScript, runScript } from './script.ts';

export interface Published {
  readonly entryId: string;
  /** False when the fact was known before: nothing was appended. */
  readonly isNew: boolean;
}

export interface Publisher {
  /** Appends the entry to its session's partition, once for each `entry.id` within 14 days. */
  publish(stream: StreamName, entry: Entry): Promise<Published>;
}

const script = loadScript(new URL('publish.lua', import.meta.url));

export function createPublisher(deps: {
  redis: RedisClient;
  keys: Keys;
  partitions: number;
  sealBody?: (json: string) => string;
  /** Undefined where nothing is signed. */
  signatures?: Signatures | undefined;
}): Publisher {
  const { redis, keys, partitions, signatures } = deps;
  return {
    publish: async (stream, entry) => {
      const partition = partitionOf(entry.session, partitions);
      const touched = [
        keys.fact(partition, entry.id),
        keys.stream(partition, stream),
        keys.accepted(partition),
      ];
      const ledgered = stream === 'inbound' ? entry.session : '';
      const written = encodeEntry(entry, deps.sealBody);
      const fields = signatures?.sign(keys.stream(partition, stream), written) ?? written;
      // The script's own return value, see its header.
      const reply = (await runScript(redis, script, touched, [factTtlMs, ledgered, ...fields])) as [
        number,
        string,
      ];
      return { entryId: reply[1], isNew: reply[0] === 1 };
    },
  };
}
