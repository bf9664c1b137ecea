/** What an element says, with everything that was sealed in it opened. */
export interface Opened {
  readonly texts: readonly string[];
  /** Sealed parts that no key at hand opens. */
  readonly closed: number;
}

/** Sealed, or only zipped. */
const sealed = /enc[12]\.[\w-]+\.[\w-]+\.[\w-]+|zip1\.[\w-]+/g;

export interface Opener {
  readonly open: (sealed: string) => string;
  /** With a key, nothing of ours lies open: what looks sealed was not written by a person. */
  readonly hasKey: boolean;
}

/** Sealed parts may stand anywhere in a text: a checkpoint is several of them behind a header. */
export function openTexts(texts: readonly string[], { open, hasKey }: Opener): Opened {
  const found: string[] = [...texts];
  let closed = 0;
  for (const text of texts) {
    for (const [envelope] of text.matchAll(sealed)) {
      try {
        found.push(open(envelope));
      } catch {
        // Where nothing is sealed, people may write what looks like it; it does not begin what we store.
        if (hasKey || text.startsWith(envelope)) closed += 1;
      }
    }
  }
  return { texts: found, closed };
}
