export type Serial = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Runs work of the same name one after the other, whatever became of the one before. */
export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = tails.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    tails.set(name, tail);
    void tail.then(() => {
      if (tails.get(name) === tail) tails.delete(name);
    });
    return result;
  };
}
