import { z } from 'zod';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';

export interface MessagesPage {
  /** Newest first. */
  readonly events: readonly unknown[];
  /** Where the next, older page starts; null at the end. */
  readonly end: string | null;
}

export interface MessagesQuery {
  readonly from: string;
  /** Events at or before this are left out. */
  readonly to?: string;
  readonly limit: number;
  /** JSON of a room event filter. */
  readonly filter: string;
  readonly signal?: AbortSignal;
}

const answer = z.object({ chunk: z.array(z.unknown()), end: z.string().nullish() });

/** One page of a room's past, backwards from `from`. */
export async function readMessages(
  request: MatrixRequest,
  room: string,
  { signal, ...query }: MessagesQuery,
): Promise<MessagesPage> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
  const options = {
    query: { dir: 'b', ...query },
    timeoutMs: 60_000,
    ...(signal === undefined ? {} : { signal }),
  };
  const { chunk, end } = parseAnswer(answer, path, await request('GET', path, options));
  return { events: chunk, end: end ?? null };
}
