import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'chokidar';
import { PlaybookError } from './errors.ts';
import { examinePlaybook } from './examine-playbook.ts';
import type { LoadOptions } from './load-options.ts';
import type { Playbook } from './playbook.ts';
import { isTest, type PlaybookFiles } from './playbook-files.ts';
import { readPlaybookFiles } from './read-playbook-files.ts';

export type PlaybookChange =
  /** Another version that is right. */
  | { readonly kind: 'loaded'; readonly playbook: Playbook; readonly files: PlaybookFiles }
  /** The folder is as it should not be: whoever has a playbook keeps it. */
  | { readonly kind: 'refused'; readonly error: PlaybookError };

export interface WatchOptions extends LoadOptions {
  /** The version that the caller has; left out, what is found first is told. */
  readonly version?: string;
  /** How long a folder must be quiet before it is read. */
  readonly quietMs?: number;
  /** How often it is looked at without a sign of change: file systems lose some. */
  readonly recheckMs?: number;
}

/** Is awaited before the next change is told. When it throws, the same change is told again at the next look. */
export type OnPlaybookChange = (change: PlaybookChange) => void | Promise<void>;

/**
 * Tells when a playbook's folder has changed: a version that is right once, a state that is wrong once. Reads one
 * state at a time, and only when the folder has been quiet, so that half-written files are seldom seen.
 */
export function watchPlaybook(dir: string, onChange: OnPlaybookChange, options: WatchOptions): PlaybookWatch {
  return new PlaybookWatch(dir, onChange, options);
}

/** `..data/flows/refund.yaml`, with the name of Kubernetes' revision in between. */
const deepest = 3;
/** A folder that is never quiet is read all the same, after so many times the quiet. */
const longestUnrest = 20;

/** A folder that is being watched, until it is stopped. */
export class PlaybookWatch {
  readonly #dir: string;
  readonly #onChange: OnPlaybookChange;
  readonly #options: WatchOptions;
  readonly #quietMs: number;
  readonly #rechecks: NodeJS.Timeout;
  #watcher: FSWatcher;
  #version: string | undefined;
  /** Of what was told and taken last, right or wrong. */
  #state: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unrestSince: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(dir: string, onChange: OnPlaybookChange, options: WatchOptions) {
    this.#dir = dir;
    this.#onChange = onChange;
    this.#options = options;
    this.#quietMs = options.quietMs ?? 250;
    this.#version = options.version;
    this.#watcher = this.#arm();
    this.#rechecks = setInterval(() => this.#look(true), options.recheckMs ?? 10_000).unref();
  }

  /** Looks now, and resolves when what it found has been told. */
  check(): Promise<void> {
    return this.#look(false);
  }

  /** Nothing is told any more once it has resolved. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#rechecks);
    await this.#looking;
    await this.#watcher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #arm(): FSWatcher {
    // Links are watched as such: Kubernetes swaps one, and what they point to outside is never read.
    const options = { ignoreInitial: true, followSymlinks: false, depth: deepest, ignored: /[/\\]\.git$/ };
    return (
      watch(this.#dir, options)
        .on('all', () => this.#notice())
        .on('ready', () => this.#notice())
        // What the system cannot watch is still looked at from time to time.
        .on('error', () => undefined)
    );
  }

  #notice(): void {
    if (this.#isStopped) return;
    const now = performance.now();
    this.#unrestSince ??= now;
    const isOverdue = now - this.#unrestSince > this.#quietMs * longestUnrest;
    if (isOverdue && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(false), this.#quietMs);
  }

  #look(isRecheck: boolean): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookOnce(isRecheck));
    return this.#looking;
  }

  async #lookOnce(isRecheck: boolean): Promise<void> {
    if (this.#isStopped || (isRecheck && this.#timer !== undefined)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const files = await readPlaybookFiles(this.#dir);
    // Written while it was read: it is read again when it is quiet.
    if (this.#timer !== undefined) return;
    this.#unrestSince = undefined;
    const state = stateOf(files);
    if (this.#isStopped || state === this.#state) return;
    if (isRecheck) await this.#armAgain();
    try {
      await this.#tell(files);
      this.#state = state;
    } catch {
      // Not taken: it is as if it had not been seen.
    }
  }

  /** A change without a sign: the folder was replaced, and it is the old one that is watched. */
  async #armAgain(): Promise<void> {
    await this.#watcher.close();
    this.#watcher = this.#arm();
  }

  async #tell(files: PlaybookFiles): Promise<void> {
    const { playbook, problems } = examinePlaybook(files, this.#options);
    if (playbook === undefined) {
      await this.#onChange({ kind: 'refused', error: new PlaybookError(this.#dir, problems) });
    } else if (playbook.version !== this.#version) {
      await this.#onChange({ kind: 'loaded', playbook, files });
      this.#version = playbook.version;
    }
  }
}

/** A digest of what a bot depends on, right or wrong. */
function stateOf({ texts, problems }: PlaybookFiles): string {
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  const told = problems.filter(({ file }) => !isTest(file));
  return createHash('sha256')
    .update(JSON.stringify([sorted, told]))
    .digest('hex');
}
