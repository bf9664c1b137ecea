import { z } from 'zod';
import type { Context } from '../context.ts';
import { MatrixError, notFound } from '../errors.ts';

const list = z.array(z.string()).optional();
const eventFilter = z.looseObject({
  limit: z.number().int().positive().optional(),
  types: list,
  not_types: list,
  senders: list,
  not_senders: list,
  rooms: list,
  not_rooms: list,
  contains_url: z.boolean().optional(),
  lazy_load_members: z.boolean().optional(),
});
export const syncFilter = z.looseObject({
  account_data: eventFilter.optional(),
  presence: eventFilter.optional(),
  room: z
    .looseObject({
      rooms: list,
      not_rooms: list,
      include_leave: z.boolean().optional(),
      timeline: eventFilter.optional(),
      state: eventFilter.optional(),
      ephemeral: eventFilter.optional(),
      account_data: eventFilter.optional(),
    })
    .optional(),
});

/** The filter of one kind of events: of timelines, state, receipts and so on. */
export type EventFilter = z.infer<typeof eventFilter>;
export type SyncFilter = z.infer<typeof syncFilter>;

/** What a filter looks at; ephemeral events and account data have no sender. */
interface Filterable {
  readonly type: string;
  readonly sender?: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export function passes(event: Filterable, filter: EventFilter | undefined): boolean {
  if (filter === undefined) return true;
  const isType = (pattern: string): boolean => matchesType(event.type, pattern);
  if (filter.types !== undefined && !filter.types.some(isType)) return false;
  if (filter.not_types?.some(isType)) return false;
  if (filter.senders !== undefined && !filter.senders.includes(event.sender ?? '')) return false;
  if (filter.not_senders?.includes(event.sender ?? '')) return false;
  if (filter.contains_url !== undefined) {
    return (typeof event.content['url'] === 'string') === filter.contains_url;
  }
  return true;
}

export function passesRoom(
  roomId: string,
  filter: { rooms?: string[] | undefined; not_rooms?: string[] | undefined } | undefined,
): boolean {
  if (filter?.not_rooms?.includes(roomId)) return false;
  return filter?.rooms === undefined || filter.rooms.includes(roomId);
}

/** A filter's type may end in `*`. */
function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** The filter of a request: JSON in the query, or the id of one that this user stored. */
export function resolveSyncFilter(context: Context, userId: string, given: string | null): SyncFilter {
  if (given === null) return {};
  if (given.startsWith('{')) return parseFilter(syncFilter, given);
  const row = context.database.get<{ body: string }>(
    'SELECT body FROM filters WHERE user_id = ? AND filter_id = ?',
    userId,
    Number(given),
  );
  if (row === undefined) throw new MatrixError(400, 'M_INVALID_PARAM', 'No such filter');
  return parseFilter(syncFilter, row.body);
}

/** The filter of /messages: JSON in the query. */
export function resolveEventFilter(given: string | null): EventFilter {
  return given === null ? {} : parseFilter(eventFilter, given);
}

/** Stores a filter for later requests of this user; equal filters share an id. */
export function storeFilter(context: Context, userId: string, filter: SyncFilter): string {
  const body = JSON.stringify(filter);
  const known = context.database.get<{ filter_id: number }>(
    'SELECT filter_id FROM filters WHERE user_id = ? AND body = ?',
    userId,
    body,
  );
  const id =
    known?.filter_id ??
    context.database.run('INSERT INTO filters (user_id, body) VALUES (?, ?)', userId, body);
  return String(id);
}

export function storedFilter(context: Context, userId: string, filterId: string): SyncFilter {
  const row = context.database.get<{ body: string }>(
    'SELECT body FROM filters WHERE user_id = ? AND filter_id = ?',
    userId,
    Number(filterId),
  );
  if (row === undefined) throw notFound('No such filter');
  return parseFilter(syncFilter, row.body);
}

function parseFilter<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MatrixError(400, 'M_NOT_JSON', 'filter is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new MatrixError(400, 'M_BAD_JSON', `filter: ${parsed.error.issues[0]?.message ?? 'wrong value'}`);
  }
  return parsed.data;
}
