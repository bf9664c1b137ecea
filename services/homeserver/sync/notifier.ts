import { EventEmitter } from 'node:events';

/** Wakes the long polls of users for whom something changed. Holds waiting requests, so it is closed at stop. */
export class Notifier {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #waiting = new Set<() => void>();

  wake(userIds: Iterable<string>): void {
    for (const userId of userIds) this.#emitter.emit(userId);
  }

  /** Resolves when the user is woken, `withinMs` have passed, the request is gone, or all are woken at stop. */
  wait(userId: string, withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#emitter.off(userId, done);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#emitter.on(userId, done);
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  wakeAll(): void {
    for (const done of [...this.#waiting]) done();
  }
}
