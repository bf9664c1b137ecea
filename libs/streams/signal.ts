/** Wakes whoever waits; a wake-up between looking and waiting is not missed. */
export class Signal {
  #version = 0;
  readonly #waiting = new Set<() => void>();

  /** Take it before looking at the state, and give it to `after`. */
  get version(): number {
    return this.#version;
  }

  fire(): void {
    this.#version += 1;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves at once when it was fired since `version`, else at the next firing or after `timeoutMs`. */
  after(version: number, timeoutMs: number): Promise<void> {
    if (version !== this.#version) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }
}
