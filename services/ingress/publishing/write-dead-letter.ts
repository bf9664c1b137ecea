import { createHash } from 'node:crypto';
import type { Keys } from '#contract/keys';
import { userId } from '#contract/matrix-ids';
import { partitionOf } from '#contract/partition-of';
import { takeToken } from '#operations/limits/take-token';
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

/** Of what one person sent, so many inputs larger than that are kept whole: anybody can write what is a dead letter. */
const largestSmallBytes = 4_096;
const largePerHour = 20;
const hourMs = 60 * 60_000;

const script = loadScript(new URL('dead-letter.lua', import.meta.url));

/**
 * Keeps input that nobody can decide about in the dead letters of its room's partition: `room`, `id`, `at`, `raw`
 * (its JSON, or of too many large ones who sent it), `reason`, `stage` and `attempts`. The same input twice makes one
 * letter.
 */
export async function writeDeadLetter(deps: DeadLetterDeps, input: DeadInput): Promise<void> {
  const { redis, keys, partitions, sealBody } = deps;
  const raw = JSON.stringify(input.raw) ?? 'null';
  const id = input.eventId ?? `sha256:${createHash('sha256').update(raw).digest('base64url')}`;
  const partition = partitionOf(input.room, partitions);
  const fact = keys.fact(partition, id);
  const isLarge = Buffer.byteLength(raw) > largestSmallBytes;
  // Written before: a batch that is taken again uses nothing up.
  if (isLarge && (await redis.exists(fact)) === 1) return;
  const fields = {
    room: input.room,
    id,
    at: new Date().toISOString(),
    raw: sealBody(isLarge ? await kept(deps, input, raw) : raw),
    reason: input.reason,
    stage: 'ingress',
    attempts: '1',
  };
  const touched = [fact, keys.stream(partition, 'dead')];
  await runScript(redis, script, touched, ['dead:ingress', factTtlMs, ...Object.entries(fields).flat()]);
}

/** A large input, or who sent it where they have sent too many. */
async function kept(
  { redis, keys }: DeadLetterDeps,
  { room, eventId, raw }: DeadInput,
  json: string,
): Promise<string> {
  const sender = senderOf(raw);
  const limit = { most: largePerHour, windowMs: hourMs };
  if ((await takeToken(redis, keys.rate('dead', sender ?? room), limit)).ok) return json;
  const leftOut = `${Buffer.byteLength(json)} bytes: their sender has sent too many that cannot be decided`;
  return JSON.stringify({ event_id: eventId, sender, leftOut });
}

function senderOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !('sender' in raw)) return undefined;
  return userId.safeParse(raw.sender).data;
}
