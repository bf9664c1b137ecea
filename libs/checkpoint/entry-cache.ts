import type { CheckpointEntry } from './checkpoint-entry.ts';

/**
 * The checkpoint last used of each thread and namespace, for at most `capacity` of them. It is never trusted alone:
 * every read compares its digest with Redis in the same round trip that would fetch the rest.
 */
export class EntryCache {
  readonly #capacity: number;
  readonly #entries = new Map<string, CheckpointEntry>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(threadId: string, ns: string): CheckpointEntry | undefined {
    const key = keyOf(threadId, ns);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  set(threadId: string, entry: CheckpointEntry): void {
    if (this.#capacity <= 0) return;
    const key = keyOf(threadId, entry.ns);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forgets one namespace of a thread, or all of them. */
  forget(threadId: string, ns?: string): void {
    if (ns !== undefined) {
      this.#entries.delete(keyOf(threadId, ns));
      return;
    }
    const prefix = keyOf(threadId, '');
    for (const key of this.#entries.keys()) {
      if (key.startsWith(prefix)) this.#entries.delete(key);
    }
  }
}

/** The length in front keeps `ab`+`c` and `a`+`bc` apart. */
function keyOf(threadId: string, ns: string): string {
  return `${threadId.length}:${threadId}${ns}`;
}
