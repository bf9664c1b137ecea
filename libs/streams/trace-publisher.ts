import { shortDigest } from '#runtime/short-digest';
import type { SpanKind, Tracing } from '#runtime/tracing';
import type { Publisher } from './publish.ts';

/**
 * The same publisher, with a span for each entry: under the entry's own `trace` where it has one that somebody recorded, else
 * the first of a trace; and the parent of what the entry causes. Where nobody traces, it is the publisher itself.
 */
export function tracePublisher(
  publisher: Publisher,
  {
    tracing,
    name,
    kind = 'producer',
    begins = false,
  }: {
    readonly tracing: Tracing;
    readonly name: string;
    readonly kind?: SpanKind;
    /** The `trace` of entries is made up by this process: nobody has a span of that id. */
    readonly begins?: boolean;
  },
): Publisher {
  if (!tracing.isOn) return publisher;
  return {
    ...publisher,
    publish: (stream, entry) => {
      const attributes = {
        'vagent.type': entry.type,
        'vagent.session': shortDigest(entry.session),
        'vagent.turn': shortDigest(entry.turn ?? entry.id),
      };
      const parent = begins ? undefined : entry.trace;
      return tracing.span(name, { parent, kind, attributes }, async (span) => {
        const published = await publisher.publish(stream, { ...entry, trace: span.traceparent });
        span.set({ 'vagent.is_new': published.isNew });
        return published;
      });
    },
  };
}
