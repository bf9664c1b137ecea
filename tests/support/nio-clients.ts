import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { findSynapse } from '../../scripts/setup/synapse.ts';
import { NoSynapseError } from './start-synapse.ts';

const content = z.record(z.string(), z.unknown());
const seen = z.object({
  saw: z.literal('message'),
  by: z.string(),
  room: z.string(),
  event: z.string(),
  /** It came encrypted, and was decrypted. */
  encrypted: z.boolean(),
  session: z.string().nullish(),
  content,
});
const missed = z.object({
  saw: z.literal('undecryptable'),
  by: z.string(),
  room: z.string(),
  event: z.string(),
});
const done = z.looseObject({ done: z.string() });
const failed = z.object({ failed: z.string(), why: z.string() });
const line = z.union([seen, missed, done, failed]);

/** A message as matrix-nio saw it, decrypted. */
export type Seen = z.infer<typeof seen>;

/**
 * A process in which people have a client that is not ours: matrix-nio with its end-to-end part (libolm), as Debian
 * packages it.
 */
export class NioClients implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #waiting = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  /** By user, then by event. */
  readonly #messages = new Map<string, Map<string, Seen>>();
  readonly #undecryptable = new Map<string, Set<string>>();
  #errors = '';

  private constructor(child: ChildProcessWithoutNullStreams, folder: string) {
    this.#child = child;
    this.#folder = folder;
    child.stderr.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-4_000);
    });
    createInterface({ input: child.stdout }).on('line', (text) => this.#take(line.parse(JSON.parse(text))));
    child.on('error', (error) => this.#end(error));
    child.on('exit', (code) => this.#end(new Error(`matrix-nio ended (${code}): ${this.#errors}`)));
  }

  /** @throws {NoSynapseError} where Debian's package cannot be had. */
  static async start(homeserver: string): Promise<NioClients> {
    const install = await findSynapse((text) => process.stderr.write(`${text}\n`));
    if (install.kind !== 'chroot') throw new NoSynapseError('matrix-nio is only in the Debian folder');
    const folder = await mkdtemp(join(install.folder, 'tmp', 'vagent-nio-'));
    const source = await readFile(new URL('nio-clients.py', import.meta.url), 'utf8');
    const args = [install.folder, '/usr/bin/python3', '-c', source, homeserver];
    const seenAs = folder.slice(install.folder.length);
    const env = { ...process.env, LC_ALL: 'C.UTF-8' };
    return new NioClients(spawn('chroot', [...args, seenAs], { env }), folder);
  }

  /** Logs in as the device `NIO` of this user. */
  async login(user: string, password: string): Promise<void> {
    await this.#do('login', { user, password });
  }

  /** Sends an event into an encrypted room, encrypted but for reactions. */
  async send(
    user: string,
    room: string,
    event: { readonly type: string; readonly content: object; readonly txn: string },
  ): Promise<string> {
    return String((await this.#do('send', { user, room, ...event }))['event']);
  }

  /** Whether the user's client knows that the room is encrypted, and that exactly these are in it. */
  async knows(user: string, room: string, members: readonly string[]): Promise<boolean> {
    return (await this.#do('knows', { user, room, members }))['known'] === true;
  }

  /** Uploads a text, encrypted; what it returns belongs into the `file` of a message. */
  async upload(user: string, text: string): Promise<Record<string, unknown>> {
    return content.parse((await this.#do('upload', { user, text }))['file']);
  }

  async download(user: string, file: Record<string, unknown>): Promise<string> {
    return String((await this.#do('download', { user, file }))['text']);
  }

  /** What the user's client saw of an event; undefined where it has not come, or could not be decrypted. */
  message(user: string, event: string): Seen | undefined {
    return this.#messages.get(user)?.get(event);
  }

  /** Events that the user's client could not decrypt when they came. */
  undecryptable(user: string): ReadonlySet<string> {
    return this.#undecryptable.get(user) ?? new Set();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #do(command: string, options: object): Promise<Record<string, unknown>> {
    const id = randomUUID();
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, waiting);
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...options })}\n`);
    return waiting.promise.finally(() => this.#waiting.delete(id));
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  #take(told: z.infer<typeof line>): void {
    if ('done' in told) this.#waiting.get(told.done)?.resolve(told);
    else if ('failed' in told) this.#waiting.get(told.failed)?.reject(new Error(told.why));
    else if (told.saw === 'message') of(this.#messages, told.by, () => new Map()).set(told.event, told);
    else of(this.#undecryptable, told.by, () => new Set<string>()).add(told.event);
  }
}

function of<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
