import { createHash } from 'node:crypto';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { factTtlMs } from '#streams/fact-ttl';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';

export interface DeadInput {
  readonly room: string;
  /** Null where the input has none: then its bytes are its identity. */
  readonly eventId: string | null;
  readonly raw: unknown;
  readonly reason: string;
}

export interface DeadLetterDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly sealBody: (json: string) => string;
}

const script = loadScript(new URL('dead-letter.lua', import.meta.url));

/**
 * Keeps input that nobody can decide about in the dead letters of its room's partition: `room`, `id`, `at`, `raw`
 * (its JSON), `reason`, `stage` and `attempts`. The same input twice makes one letter.
 */
export async function writeDeadLetter(deps: DeadLetterDeps, input: DeadInput): Promise<void> {
  const { redis, keys, partitions, sealBody } = deps;
  const raw = JSON.stringify(input.raw) ?? 'null';
  const id = input.eventId ?? `sha256:${createHash('sha256').update(raw).digest('base64url')}`;
  const partition = partitionOf(input.room, partitions);
  const fields = {
    room: input.room,
    id,
    at: new Date().toISOString(),
    raw: sealBody(raw),
    reason: input.reason,
    stage: 'ingress',
    attempts: '1',
  };
  const touched = [keys.fact(partition, id), keys.stream(partition, 'dead')];
  await runScript(redis, script, touched, ['dead:ingress', factTtlMs, ...Object.entries(fields).flat()]);
}
