const cover = '[secret]';
/** Shorter values would cover ordinary words and hide nothing worth hiding. */
const shortestSecret = 4;

/** Covers known secret values wherever they turn up in text. */
export class SecretScrubber {
  readonly #forms = new Set<string>();
  #ordered: readonly string[] = [];
  #needles: readonly string[] = [];

  constructor(secrets: Iterable<string> = []) {
    this.add(...secrets);
  }

  /** Takes further secrets, e.g. a token that a login gave. Those under 4 characters are ignored. */
  add(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret) continue;
      this.#forms.add(secret).add(encodeURIComponent(secret));
    }
    // Longest first: a secret may begin with another one.
    this.#ordered = [...this.#forms].sort((a, b) => b.length - a.length);
    this.#needles = this.#ordered.map((form) => JSON.stringify(form).slice(1, -1));
  }

  /** The text with every secret, plain or percent-encoded, covered. */
  scrub(text: string): string {
    return this.#ordered.reduce((scrubbed, form) => scrubbed.replaceAll(form, cover), text);
  }

  /** The same for a line of JSON, which stays valid JSON; a number that is a secret as a whole is covered too. */
  scrubJson(line: string): string {
    if (!this.#needles.some((needle) => line.includes(needle))) return line;
    const scrubbed: unknown = JSON.parse(line, (_key, value: unknown) => this.#scrubValue(value));
    return JSON.stringify(scrubbed) + (line.endsWith('\n') ? '\n' : '');
  }

  #scrubValue(value: unknown): unknown {
    if (typeof value === 'string') return this.scrub(value);
    if (typeof value === 'number') return this.#forms.has(String(value)) ? cover : value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.scrub(key), item]));
  }
}
