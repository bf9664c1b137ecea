const cleanupMs = 30 * 60 * 1000;

/**
 * The first of Synapse's two layers that make a repeated request harmless: results by path and requester, kept 30 to
 * 60 minutes, in memory only. Failures are not kept, so a retry after a 429 runs again.
 * Source: synapse/rest/client/transactions.py.
 */
export class TransactionMemory {
  readonly #results = new Map<string, { result: Promise<unknown>; at: number }>();
  readonly #now: () => number;
  #cleanedAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#cleanedAt = now();
  }

  /** Runs `work` once per key; a concurrent or later request with the same key gets the same result. */
  fetchOrRun<T>(key: string, work: () => T): Promise<T> {
    this.#clean();
    const known = this.#results.get(key);
    // The key names the route, and one route always answers with the same type.
    if (known !== undefined) return known.result as Promise<T>;
    const result = Promise.resolve().then(work);
    this.#results.set(key, { result, at: this.#now() });
    result.catch(() => this.#results.delete(key));
    return result;
  }

  forget(): void {
    this.#results.clear();
  }

  #clean(): void {
    const now = this.#now();
    if (now - this.#cleanedAt < cleanupMs) return;
    this.#cleanedAt = now;
    for (const [key, { at }] of this.#results) if (now - at > cleanupMs) this.#results.delete(key);
  }
}
