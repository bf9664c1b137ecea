import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One folder for each that has secrets of its own, with one file for each of them: a volume, or a Secret of Kubernetes. */
export class SecretsFolder {
  readonly #root: string;
  readonly #mode: number;

  /** @param mode of new files: 0o600 for the one who runs this, 0o644 where the folder itself is mounted for its owner only. */
  constructor(root: string, mode: number) {
    this.#root = root;
    this.#mode = mode;
  }

  pathOf(owner: string, name = ''): string {
    return join(this.#root, owner, name);
  }

  /** Undefined where there is none yet, or nothing in it: a full disk leaves such a file, and it would be no secret. */
  async read(owner: string, name: string): Promise<string | undefined> {
    try {
      const text = (await readFile(this.pathOf(owner, name), 'utf8')).replace(/\n$/, '');
      return text.trim() === '' ? undefined : text;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(owner: string, name: string, value: string): Promise<void> {
    await mkdir(this.pathOf(owner), { recursive: true });
    await writeFile(this.pathOf(owner, name), `${value}\n`, { mode: this.#mode });
  }

  /** The value that the first of `owners` has, else a new one; afterwards all of them have it. */
  async keep(owners: readonly string[], name: string, make: () => string): Promise<string> {
    const known = await Promise.all(owners.map((owner) => this.read(owner, name)));
    const value = known.find((one) => one !== undefined) ?? make();
    for (const [index, owner] of owners.entries()) {
      if (known[index] !== value) await this.write(owner, name, value);
    }
    return value;
  }
}
