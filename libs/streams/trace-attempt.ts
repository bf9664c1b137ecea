import type { Entry } from '#contract/entry';
import { shortDigest } from '#runtime/short-digest';
import type { Commit } from './commit.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { FencedError, GoneError } from './errors.ts';
import type { Item } from './item.ts';

/** How one try ended; what says nothing about the entry is thrown instead. */
export type TryResult = { readonly commit: Commit } | { readonly error: unknown };

export interface TracedEntry {
  /** With the span's traceparent as its `trace`, which its outputs take over. */
  readonly entry: Entry;
  /** Part of the try, shown by itself. */
  readonly inSpan: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

interface Attempt {
  readonly item: Item;
  readonly entry: Entry;
  readonly attempt: number;
}

/** One try at an entry as a span under the entry's `trace`. Where nobody traces, nothing is added to the work. */
export function traceAttempt(
  traced: ConsumerOptions['traced'],
  { item, entry, attempt }: Attempt,
  work: (traced: TracedEntry) => Promise<TryResult>,
): Promise<TryResult> {
  if (traced === undefined || !traced.tracing.isOn) {
    return work({ entry, inSpan: (_name, part) => part() });
  }
  const { name, tracing } = traced;
  const attributes = {
    'vagent.type': entry.type,
    'vagent.session': shortDigest(entry.session),
    'vagent.turn': shortDigest(entry.turn ?? entry.id),
    'vagent.entry': item.found.entryId,
    'vagent.partition': item.held.partition,
    'vagent.attempt': attempt,
  };
  return tracing.span(name, { parent: entry.trace, kind: 'consumer', attributes }, async (span) => {
    const result = await work({
      entry: { ...entry, trace: span.traceparent },
      inSpan: (part, inner) => tracing.span(part, {}, inner),
    });
    if ('commit' in result) span.set({ 'vagent.outcome': result.commit.outcome ?? 'none' });
    else span.set({ 'vagent.outcome': outcomeOf(result.error), 'error.type': nameOf(result.error) });
    return result;
  });
}

function outcomeOf(error: unknown): string {
  if (error instanceof FencedError) return 'fenced';
  if (error instanceof GoneError) return 'gone';
  const isWait = typeof error === 'object' && error !== null && 'retryAfterMs' in error;
  return isWait && typeof error.retryAfterMs === 'number' ? 'told_to_wait' : 'failed';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
