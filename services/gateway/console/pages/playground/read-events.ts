/** One server-sent event; `id` is where the stream can be resumed behind it. */
export interface SentEvent {
  readonly name: string;
  readonly data: string;
  readonly id: string | undefined;
}

/**
 * The events of a `text/event-stream`, as they come (HTML standard, 9.2.6). Comments are skipped; what a stream that broke
 * left unfinished is dropped.
 */
export async function* readSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    // Whoever stops listening ends the request too.
    await reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): SentEvent | undefined {
  let [name, id] = ['message', undefined as string | undefined];
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
  return data.length === 0 ? undefined : { name, data: data.join('\n'), id };
}
