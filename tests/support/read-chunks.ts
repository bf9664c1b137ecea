import { createParser } from 'eventsource-parser';
import { type ChunkName, chunkEvents } from '../../services/gateway/api/conversation.ts';
import { streamClosed } from '../../services/gateway/api/live.ts';
import { eventually } from './eventually.ts';

export interface ReadChunk {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Chunks extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** So far; each of the contract. */
  readonly chunks: readonly ReadChunk[];
  readonly comments: readonly string[];
  /** Of a refusal. */
  readonly problem: unknown;
  /** Resolves when the answer is over. */
  ended(withinMs?: number): Promise<readonly ReadChunk[]>;
  has(name: ChunkName): Promise<unknown>;
  /** Goes away in the middle. */
  leave(): void;
}

/** Asks, and reads the server-sent events of the answer as they come. */
export async function readChunks(url: string, init: RequestInit): Promise<Chunks> {
  const leaving = new AbortController();
  const response = await fetch(url, { ...init, signal: leaving.signal });
  const chunks: ReadChunk[] = [];
  const comments: string[] = [];
  let isOver = false;
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const problem: unknown = isStream ? undefined : await response.json();
  const parser = createParser({
    onComment: (words) => void comments.push(words.trim()),
    onEvent: ({ event = '', id, data }) => {
      // Thrown where it is no name of the contract: then there is nothing to parse with.
      const schema = event === 'closed' ? streamClosed : chunkEvents[event as ChunkName];
      chunks.push({ name: event, id, data: schema.parse(JSON.parse(data)) });
    },
  });
  const read = async () => {
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      parser.feed(decoder.decode(part.value, { stream: true }));
    }
  };
  const reading = isStream ? read() : Promise.resolve();
  const over = reading
    .catch((error: unknown) => {
      if (!leaving.signal.aborted) throw error;
    })
    .finally(() => {
      isOver = true;
    });
  over.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    chunks,
    comments,
    problem,
    ended: async (withinMs = 20_000) => {
      await eventually(() => isOver, { withinMs, what: 'the answer is over' });
      await over;
      return chunks;
    },
    has: (name) => eventually(() => chunks.some((chunk) => chunk.name === name), { what: `a ${name}` }),
    leave: () => leaving.abort(),
    [Symbol.asyncDispose]: async () => leaving.abort(),
  };
}
