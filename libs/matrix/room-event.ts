import { z } from 'zod';
import { eventId, userId } from '#contract/matrix-ids';
import { type ContentFields, readContent } from './event-content.ts';

interface Envelope {
  readonly room: string;
  readonly eventId: string;
  readonly sender: string;
  readonly type: string;
  /** When the sender's homeserver says it was sent, ISO 8601. */
  readonly at: string;
  /** Type and content came out of a ciphertext, and not from whoever runs the homeserver. */
  readonly encrypted: boolean;
  /** It was encrypted by a device that its owner has signed. */
  readonly isSigned: boolean;
  /** As it came. */
  readonly raw: unknown;
}

/** An event that can be told from others, though its content may not be readable (`undecodable`). */
export type DecodedEvent = Envelope & ContentFields;

export type RoomEvent =
  | DecodedEvent
  | { readonly kind: 'unreadable'; readonly room: string; readonly raw: unknown; readonly reason: string };

const envelope = z.object({
  event_id: eventId,
  sender: userId,
  type: z.string(),
  origin_server_ts: z.number().catch(0),
  state_key: z.string().optional(),
  content: z.record(z.string(), z.unknown()),
  redacts: z.unknown().optional(),
  unsigned: z.record(z.string(), z.unknown()).catch({}).default({}),
});
export type EventEnvelope = z.infer<typeof envelope>;

/** 9999-12-31: beyond it, ISO 8601 needs more than four digits for the year. */
const latestMs = 253_402_300_799_999;

/**
 * Reads one event of the client-server or application service API. Tolerant: unknown types become `other`, what
 * cannot be read stays, with the reason and its raw form. Never throws.
 */
export function readRoomEvent(raw: unknown, room: string): RoomEvent {
  return readEventAs(raw, room, (event) => ({
    type: event.type,
    encrypted: false,
    isSigned: false,
    ...readContent(event),
  }));
}

/** The same with a type and content of the caller's; the rest of the event is as it came. */
export function readEventAs(
  raw: unknown,
  room: string,
  read: (event: EventEnvelope) => Pick<Envelope, 'type' | 'encrypted' | 'isSigned'> & ContentFields,
): RoomEvent {
  const parsed = envelope.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      kind: 'unreadable',
      room,
      raw,
      reason: `${issue?.path.join('.') || 'event'}: ${issue?.message}`,
    };
  }
  const event = parsed.data;
  const ms = Math.min(Math.max(Math.trunc(event.origin_server_ts), 0), latestMs);
  const { event_id, sender } = event;
  const at = new Date(ms).toISOString();
  return { room, eventId: event_id, sender, at, raw, ...read(event) };
}
