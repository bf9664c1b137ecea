import { z } from 'zod';
import { bodies } from '#contract/bodies';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';

export interface SessionNotesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  readonly sessionTtlMs: number;
}

const part = z.object({
  /** The fact's id. */
  id: z.string(),
  eventId: z.string(),
  text: z.string(),
  /** How it read at first, and its newest edits, oldest first: an edit may be taken back. */
  versions: z
    .object({ first: z.string(), edits: z.array(z.object({ id: z.string(), text: z.string() })) })
    .optional(),
  files: bodies['message.received'].shape.attachments.optional(),
});
/** A message of a person, as it was edited last. */
export type QuestionPart = z.infer<typeof part>;

const busy = z.object({
  /** The id of the message that was worked on last. */
  turn: z.string(),
  /** When the work on it ended, by Redis' clock, in milliseconds; null while it goes on. */
  until: z.number().nullable(),
  /** The first message that was refused because of it: told, and told once. */
  told: z.string().nullable(),
});
export type Busy = z.infer<typeof busy>;

/** What a session remembers between turns beside its checkpoint. */
export interface SessionNotes {
  readonly busy: Busy | null;
  /** Messages that were broken off by a newer one, which answers them too. Oldest first. */
  readonly unanswered: readonly QuestionPart[];
}

export const noNotes: SessionNotes = { busy: null, unanswered: [] };

const checkPrefix = 'check:';
const mostUnanswered = 20;
const longestUnanswered = 16_000;

/** What cannot be read is as if it were not there: at most something is answered by itself. */
export async function readNotes(
  { redis, keys, openBody }: SessionNotesDeps,
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
): Promise<SessionNotes> {
  const key = keys.session(partition, entry.session);
  const [writtenBusy, sealed] = await redis.hmget(key, 'busy', 'unanswered');
  return {
    busy: read(busy, writtenBusy, (json) => json) ?? null,
    unanswered: read(z.array(part), sealed, openBody) ?? [],
  };
}

export function busyWrites(
  deps: SessionNotesDeps,
  delivery: Pick<Delivery, 'partition' | 'entry'>,
  value: Busy,
): RedisWrite[] {
  return noteWrites(deps, delivery, ['busy', JSON.stringify(value)]);
}

/** The newest are kept where somebody writes on and on: a turn has to end with an input that a model can take. */
export function unansweredWrites(
  deps: SessionNotesDeps,
  delivery: Pick<Delivery, 'partition' | 'entry'>,
  parts: readonly QuestionPart[],
): RedisWrite[] {
  if (parts.length === 0) {
    const key = deps.keys.session(delivery.partition, delivery.entry.session);
    return [{ command: 'HDEL', key, args: ['unanswered'] }];
  }
  const kept: QuestionPart[] = [];
  let length = 0;
  for (const one of parts.slice(-mostUnanswered).reverse()) {
    length += one.text.length;
    if (kept.length > 0 && length > longestUnanswered) break;
    kept.unshift(one);
  }
  return noteWrites(deps, delivery, ['unanswered', deps.sealBody(JSON.stringify(kept))]);
}

/** The field that says that an edit was in what a turn answered. */
export function editField(edit: string): string {
  return `edit:${edit}`;
}

/** The field that says that a message was redacted: edits of it may still come. */
export function goneField(event: string): string {
  return `gone:${event}`;
}

/** The field with the turn that answered a message together with its own. */
export function answerField(event: string): string {
  return `in:${event}`;
}

/** The field that says that a timer of a check waits. */
export function checkField(timer: string): string {
  return `${checkPrefix}${timer}`;
}

/** The timers of checks that may still wait. */
export async function checksOf(
  { redis, keys }: Pick<SessionNotesDeps, 'redis' | 'keys'>,
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
): Promise<readonly string[]> {
  const session = await redis.hgetall(keys.session(partition, entry.session));
  return Object.keys(session)
    .filter((field) => field.startsWith(checkPrefix))
    .map((field) => field.slice(checkPrefix.length));
}

/** The field with the time at which the room of the session was lost, by Redis' clock, in milliseconds. */
export const closedField = 'closed';

/** Fields of a session's record, kept as long as the session. */
export function noteWrites(
  { keys, sessionTtlMs }: Pick<SessionNotesDeps, 'keys' | 'sessionTtlMs'>,
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
  fields: readonly string[],
): RedisWrite[] {
  if (fields.length === 0) return [];
  const key = keys.session(partition, entry.session);
  return [
    { command: 'HSET', key, args: fields },
    { command: 'PEXPIRE', key, args: [String(sessionTtlMs)] },
  ];
}

function read<T>(schema: z.ZodType<T>, written: string | null | undefined, open: (sealed: string) => string) {
  if (written === null || written === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(open(written))).data;
  } catch {
    return undefined;
  }
}
