import type { FastifyReply } from 'fastify';
import type { StreamClosed } from '../api/live.ts';
import { streamFrame } from './create-frames.ts';

/** An open answer of server-sent events. */
export interface EventStream {
  write(frame: string | Buffer): void;
  /** A line that clients ignore, so that nobody takes the connection for dead; with `id`, where to resume from. */
  comment(words: string, id?: string): void;
  /** Bytes that the client has not taken yet. */
  buffered(): number;
  /** Ends it after what was written. */
  end(): void;
  /** Ends it, with an event `closed` as the last. */
  close(because: StreamClosed['because']): void;
  /** Aborted when it is over, whoever ended it. */
  readonly closed: AbortSignal;
}

const retryMs = 2_000;
/** After its end, a client that does not read gets no more time than this. */
const lingerMs = 2_000;

/** Begins the answer: from here on, what goes wrong can only be told within it. */
export function openEventStream(reply: FastifyReply): EventStream {
  const headers = reply.getHeaders();
  reply.hijack();
  const { raw } = reply;
  const over = new AbortController();
  raw.on('close', () => over.abort());
  // Gone before anybody listened: `close` does not come again.
  if (raw.destroyed || raw.socket?.destroyed === true) over.abort();
  // A client that has gone away is `close` as well.
  raw.on('error', () => undefined);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that gather answers would hold events back.
    'x-accel-buffering': 'no',
  });
  raw.socket?.setNoDelay(true);
  raw.write(`retry: ${retryMs}\n\n`);
  const write = (frame: string | Buffer) => {
    if (!over.signal.aborted && !raw.writableEnded) raw.write(frame);
  };
  const end = () => {
    if (over.signal.aborted || raw.writableEnded) return;
    raw.end();
    setTimeout(() => raw.destroy(), lingerMs).unref();
  };
  return {
    write,
    comment: (words, id) => write(id === undefined ? `: ${words}\n\n` : `: ${words}\nid: ${id}\n\n`),
    buffered: () => raw.writableLength,
    end,
    close: (because) => {
      write(streamFrame('closed', undefined, { because }));
      end();
    },
    closed: over.signal,
  };
}
