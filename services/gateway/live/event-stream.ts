import type { FastifyReply } from 'fastify';

/** An open answer of server-sent events. */
export interface EventStream {
  write(frame: string | Buffer): void;
  /** A line that clients ignore, so that nobody takes the connection for dead; with `id`, where to resume from. */
  comment(words: string, id?: string): void;
  /** Bytes that the client has not taken yet. */
  buffered(): number;
  /** Ends it after what was written. */
  end(): void;
  /** Aborted when it is over, whoever ended it. */
  readonly closed: AbortSignal;
  /** Called once, when it is over or `signal` is aborted; at once where that is so already. */
  onOver(signal: AbortSignal, done: () => void): void;
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
  return {
    write,
    comment: (words, id) => write(id === undefined ? `: ${words}\n\n` : `: ${words}\nid: ${id}\n\n`),
    buffered: () => raw.writableLength,
    end: () => {
      if (over.signal.aborted || raw.writableEnded) return;
      raw.end();
      setTimeout(() => raw.destroy(), lingerMs).unref();
    },
    closed: over.signal,
    onOver: (signal, done) => {
      const either = AbortSignal.any([signal, over.signal]);
      if (either.aborted) done();
      else either.addEventListener('abort', done, { once: true });
    },
  };
}
