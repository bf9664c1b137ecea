import type { StreamName } from '#contract/bodies';
import { decodeEntry, type Entry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';

export interface StreamRowsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly openBody: (sealed: string) => string;
}

/** An entry as the stream holds it. */
export interface StreamRow {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly flat: readonly string[];
}

const pageSize = 500;
/** Streams keep what is finished for a day: enough for the busiest partition, and an end for a stream that was never trimmed. */
const mostPages = 400;

/** Undefined where it cannot be read. */
export function decodeRow({ openBody }: StreamRowsDeps, { flat }: StreamRow): Entry | undefined {
  const decoded = decodeEntry(flat, openBody);
  return decoded.ok ? decoded.entry : undefined;
}

/** The inbound stream of a partition from before an entry on, the newest first. */
export async function* rowsBackward(
  deps: StreamRowsDeps,
  partition: number,
  before: string,
): AsyncGenerator<StreamRow> {
  const key = deps.keys.stream(partition, 'inbound');
  let end = `(${before}`;
  for (let page = 0; page < mostPages; page++) {
    const found = await deps.redis.xrevrange(key, end, '-', 'COUNT', pageSize);
    for (const [id, flat] of found) yield toRow(id, flat);
    const last = found.at(-1);
    if (last === undefined || found.length < pageSize) return;
    end = `(${last[0]}`;
  }
}

/** A stream of a partition, the oldest first. */
export async function* rowsForward(
  deps: StreamRowsDeps,
  partition: number,
  stream: StreamName | 'dead',
): AsyncGenerator<StreamRow> {
  let start = '-';
  for (let page = 0; page < mostPages; page++) {
    const found = await deps.redis.xrange(deps.keys.stream(partition, stream), start, '+', 'COUNT', pageSize);
    for (const [id, flat] of found) yield toRow(id, flat);
    const last = found.at(-1);
    if (last === undefined || found.length < pageSize) return;
    start = `(${last[0]}`;
  }
}

function toRow(id: string, flat: readonly string[]): StreamRow {
  const fields = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2)
    fields.set(flat[index] ?? '', flat[index + 1] ?? '');
  return { id, fields, flat };
}
