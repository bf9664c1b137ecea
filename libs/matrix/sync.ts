import { z } from 'zod';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

export interface JoinedRoom {
  readonly room: string;
  /** Oldest first. */
  readonly events: readonly unknown[];
  /** Where older events that the answer leaves out can be read from; null where it leaves out none. */
  readonly gapFrom: string | null;
}

export interface InvitedRoom {
  readonly room: string;
  /** Stripped state, our own membership among it. */
  readonly state: readonly unknown[];
}

export interface LeftRoom {
  readonly room: string;
  /** Oldest first, up to our leaving, and our leaving among them. */
  readonly events: readonly unknown[];
}

export interface SyncAnswer {
  readonly nextBatch: string;
  readonly joined: readonly JoinedRoom[];
  readonly invited: readonly InvitedRoom[];
  readonly left: readonly LeftRoom[];
  /** Parts of the answer that are not as specified. */
  readonly malformed: readonly { readonly room: string; readonly raw: unknown; readonly reason: string }[];
}

export interface SyncQuery {
  /** Undefined: everything from the start of time. */
  readonly since: string | undefined;
  /** JSON of a filter. */
  readonly filter: string;
  /** How long the homeserver may wait for something to tell. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const rooms = z.record(z.string(), z.unknown()).default({});
const answer = z.object({
  next_batch: z.string().min(1),
  rooms: z.object({ join: rooms, invite: rooms, leave: rooms }).prefault({}),
});
const joinedRoom = z.object({
  timeline: z
    .object({
      events: z.array(z.unknown()).default([]),
      limited: z.boolean().default(false),
      prev_batch: z.string().optional(),
    })
    .prefault({}),
});
const invitedRoom = z.object({
  invite_state: z.object({ events: z.array(z.unknown()).default([]) }).prefault({}),
});

/** One round of `GET /sync`, which never marks the bot as online. */
export async function sync(request: MatrixRequest, query: SyncQuery): Promise<SyncAnswer> {
  const path = '/_matrix/client/v3/sync';
  const { since, filter, waitMs, signal } = query;
  const raw = await request('GET', path, {
    query: { since, filter, timeout: waitMs, set_presence: 'offline' },
    // The first answer of a large account can take its time.
    timeoutMs: since === undefined ? 300_000 : waitMs + 60_000,
    signal,
  });
  const { next_batch: nextBatch, rooms: byMembership } = parseAnswer(answer, path, raw);
  const malformed: { room: string; raw: unknown; reason: string }[] = [];

  function readRooms<Schema extends z.ZodType>(
    part: Readonly<Record<string, unknown>>,
    schema: Schema,
  ): { room: string; value: z.output<Schema> }[] {
    return Object.entries(part).flatMap(([room, value]) => {
      const parsed = schema.safeParse(value);
      if (parsed.success) return [{ room, value: parsed.data }];
      malformed.push({ room, raw: value, reason: z.prettifyError(parsed.error) });
      return [];
    });
  }

  const joined = readRooms(byMembership.join, joinedRoom).map(({ room, value: { timeline } }) => ({
    room,
    events: timeline.events,
    gapFrom: timeline.limited ? (timeline.prev_batch ?? null) : null,
  }));
  const invited = readRooms(byMembership.invite, invitedRoom).map(({ room, value }) => ({
    room,
    state: value.invite_state.events,
  }));
  const left = readRooms(byMembership.leave, joinedRoom).map(({ room, value: { timeline } }) => ({
    room,
    events: timeline.events,
  }));
  return { nextBatch, joined, invited, left, malformed };
}
