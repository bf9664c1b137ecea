import { z } from 'zod';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';

const dialogueState = z.object({
  conversation_state: z.string().catch('idle'),
  flow: z.string().nullable().catch(null),
  step: z.string().nullable().catch(null),
  awaiting: z.string().nullable().catch(null),
  paused: z.array(z.string()).catch([]),
  parked: z.array(z.string()).catch([]),
  topics: z.array(z.string()).catch([]),
});

/** Where a conversation stands, as the worker wrote it with the last turn. */
export interface SessionState extends z.output<typeof dialogueState> {
  readonly session: string;
  readonly partition: number;
  readonly lastTurnAt: string;
  readonly turns: number;
  readonly lastFact: string;
}

/** The conversations with the latest turns, newest first, at most `most`. */
export async function listSessions(transport: Transport, most: number): Promise<SessionState[]> {
  const { redis, keys, partitions } = transport;
  const found = await Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      redis.zrevrange(keys.sessions(partition), 0, most - 1, 'WITHSCORES'),
    ),
  );
  const newest = found
    .flatMap(pairs)
    .sort((a, b) => b.at - a.at)
    .slice(0, most);
  const states = await Promise.all(newest.map(({ session }) => readSession(transport, session)));
  return states.filter((state) => state !== undefined);
}

/** Undefined where it was reset, has expired, or never had a turn. */
export async function readSession(
  { redis, keys, partitions }: Pick<Transport, 'redis' | 'keys' | 'partitions'>,
  session: string,
): Promise<SessionState | undefined> {
  const partition = partitionOf(session, partitions);
  const key = keys.session(partition, session);
  const [lastTurnAt, turns, lastFact, dialogue] = await redis.hmget(
    key,
    'lastTurnAt',
    'turns',
    'lastFact',
    'state',
  );
  if (lastTurnAt == null) return undefined;
  const known = { session, partition, lastTurnAt, turns: Number(turns ?? 0), lastFact: lastFact ?? '' };
  return { ...known, ...readDialogue(dialogue ?? '{}') };
}

function readDialogue(json: string): z.output<typeof dialogueState> {
  const read = z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(dialogueState)
    .safeParse(json);
  return read.success ? read.data : dialogueState.parse({});
}

function pairs(flat: readonly string[]): { session: string; at: number }[] {
  return flat.flatMap((session, index) =>
    index % 2 === 0 ? [{ session, at: Number(flat[index + 1] ?? 0) }] : [],
  );
}
