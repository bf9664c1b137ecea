import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';
import { type VagentContent, vagentContent, vagentContentKey } from '#contract/vagent-content';
import type { MatrixClient } from '#matrix/matrix-client';
import { parseAnswer } from '#matrix/parse-answer';
import { sendMark } from './encrypt-event.ts';

/** An event that this bot sent into a room. */
export interface OwnEvent {
  readonly id: string;
  readonly type: string;
  readonly vagent: VagentContent & {
    readonly part?: number | undefined;
    readonly reply?: string | undefined;
  };
  readonly isEdit: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

const pageAnswer = z.object({
  chunk: z.array(
    z.object({
      event_id: eventId,
      type: z.string(),
      sender: z.string(),
      origin_server_ts: z.number(),
      content: z.record(z.string(), z.unknown()),
    }),
  ),
  end: z.string().optional(),
});
const ownContent = vagentContent.extend({ part: z.int().optional(), reply: z.string().optional() });
const replacement = z.object({ rel_type: z.literal('m.replace') });

const pageSize = 100;
const mostPages = 50;

export interface Wanted {
  readonly isWanted: (event: OwnEvent) => boolean;
  /** The transaction id that it was sent under: in an encrypted room nothing else tells. */
  readonly mark: string;
  /** How far to look back: milliseconds since the epoch, by the homeserver's clock. */
  readonly since: number;
  readonly signal: AbortSignal;
}

/** An event of ours that was found; what it is, where that can be read. */
export interface FoundEvent {
  readonly id: string;
  readonly own: OwnEvent | undefined;
}

/**
 * Looks through the room's past, newest first, for an event of ours: what an earlier attempt sent before the
 * homeserver forgot its transaction id. Looks at 5,000 events of ours at most.
 */
export async function findOwnEvent(
  client: MatrixClient,
  room: string,
  options: Wanted,
): Promise<FoundEvent | undefined> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
  const filter = JSON.stringify({ senders: [client.userId] });
  let from: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const query = { dir: 'b', limit: pageSize, filter, from };
    const answer = await client.request('GET', path, { query, signal: options.signal });
    const { chunk, end } = parseAnswer(pageAnswer, path, answer);
    for (const event of chunk) {
      if (event.origin_server_ts < options.since) return undefined;
      if (event.sender !== client.userId) continue;
      if (event.content[sendMark] === options.mark) return { id: event.event_id, own: undefined };
      const own = toOwnEvent(event);
      if (own !== undefined && options.isWanted(own)) return { id: own.id, own };
    }
    if (end === undefined || end === from) return undefined;
    from = end;
  }
  return undefined;
}

function toOwnEvent(event: z.infer<typeof pageAnswer>['chunk'][number]): OwnEvent | undefined {
  const vagent = ownContent.safeParse(event.content[vagentContentKey]);
  if (!vagent.success) return undefined;
  const isEdit = replacement.safeParse(event.content['m.relates_to']).success;
  return { id: event.event_id, type: event.type, vagent: vagent.data, isEdit, content: event.content };
}
