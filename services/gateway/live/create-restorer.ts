import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { placeholdersIn, restore } from '#privacy/restore';
import type { Vault } from '#privacy/vault';
import { retry } from '#runtime/retry';
import type { LiveEvent } from '../api/live.ts';

/** Puts personal data back. Only for the person of the session. */
export type Restorer = (event: LiveEvent) => LiveEvent | Promise<LiveEvent>;

/** As Markdown has it where somebody escaped its signs. */
const escaped = /\\\[([A-Z]{2,5}|API\\?_KEY)\\?-([0-9A-Z]{8})\\\]/g;
/** A draft that grows is restored several times a second. */
const keptValues = { max: 5_000, ttl: 30_000 };
const patience = { attempts: 4, baseMs: 200, maxMs: 2_000 };

type Values = ReadonlyMap<string, string>;

interface Batch {
  readonly placeholders: Set<string>;
  readonly values: Promise<Values>;
}

/**
 * What is asked for in one tick is read from the vault at once, and kept for half a minute. An event without placeholders,
 * or with known ones, is answered at once. What cannot be read stays a placeholder: late is better than never.
 */
export function createRestorer(vault: Pick<Vault, 'read'>, log: Logger): Restorer {
  const known = new LRUCache<string, { readonly value: string | undefined }>(keptValues);
  const batches = new Map<string, Batch>();
  const done = new WeakMap<LiveEvent, LiveEvent | Promise<LiveEvent>>();
  const keyOf = (session: string, placeholder: string) => `${session} ${placeholder}`;

  const readBatch = async (session: string, placeholders: Set<string>): Promise<Values> => {
    // Whoever asks in the same tick is in it.
    await Promise.resolve();
    batches.delete(session);
    try {
      const values = await retry(() => vault.read(session, [...placeholders]), patience);
      for (const one of placeholders) known.set(keyOf(session, one), { value: values.get(one) });
      return values;
    } catch (error) {
      log.warn({ err: error }, 'Personal data could not be put back into a live event');
      return new Map();
    }
  };
  const readSoon = (session: string, missing: readonly string[]): Promise<Values> => {
    const placeholders = batches.get(session)?.placeholders ?? new Set<string>();
    for (const one of missing) placeholders.add(one);
    const batch = batches.get(session) ?? { placeholders, values: readBatch(session, placeholders) };
    batches.set(session, batch);
    return batch.values;
  };
  const restored = (event: LiveEvent): LiveEvent | Promise<LiveEvent> => {
    if (!('text' in event)) return event;
    const placeholders = placeholdersIn(event.text);
    if (placeholders.length === 0) return event;
    const found = new Map(placeholders.map((one) => [one, known.get(keyOf(event.session, one))]));
    const missing = placeholders.filter((one) => found.get(one) === undefined);
    const withValues = (values?: Values): LiveEvent => {
      const text = event.text.replaceAll(escaped, (one) => one.replaceAll('\\', ''));
      return { ...event, text: restore(text, (one) => found.get(one)?.value ?? values?.get(one)) };
    };
    return missing.length === 0 ? withValues() : readSoon(event.session, missing).then(withValues);
  };
  return (event) => {
    const before = done.get(event);
    if (before !== undefined) return before;
    const result = restored(event);
    done.set(event, result);
    return result;
  };
}
