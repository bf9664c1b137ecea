export interface BoundedMemory {
  has(key: string): boolean;
  note(key: string): void;
  forget(key: string): void;
}

/** Remembers keys for `keptMs` after they were noted, at most `most` of them: the oldest make way. */
export function createBoundedMemory(options: {
  readonly most: number;
  readonly keptMs: number;
  readonly now: () => number;
}): BoundedMemory {
  const { most, keptMs, now } = options;
  const noted = new Map<string, number>();
  return {
    has: (key) => {
      const at = noted.get(key);
      return at !== undefined && now() - at < keptMs;
    },
    note: (key) => {
      noted.delete(key);
      noted.set(key, now());
      const [oldest] = noted.keys();
      if (noted.size > most && oldest !== undefined) noted.delete(oldest);
    },
    forget: (key) => {
      noted.delete(key);
    },
  };
}
