/** Wakes the long polls of users for whom something changed. Holds waiting requests, so it is closed at stop. */
export class Notifier {
  /** By user id, which may be any text that somebody sends. */
  readonly #waiting = new Map<string, Set<() => void>>();

  wake(userIds: Iterable<string>): void {
    for (const userId of userIds) for (const done of [...(this.#waiting.get(userId) ?? [])]) done();
  }

  /** Resolves when the user is woken, `withinMs` have passed, the request is gone, or all are woken at stop. */
  wait(userId: string, withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const own = this.#waiting.get(userId) ?? new Set();
      const done = (): void => {
        clearTimeout(timer);
        own.delete(done);
        if (own.size === 0 && this.#waiting.get(userId) === own) this.#waiting.delete(userId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.set(userId, own.add(done));
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  wakeAll(): void {
    this.wake([...this.#waiting.keys()]);
  }
}
