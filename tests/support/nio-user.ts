import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { findSynapse } from '../../scripts/setup/synapse.ts';
import { eventually } from './eventually.ts';
import { NoSynapseError } from './start-synapse.ts';

const content = z.record(z.string(), z.unknown());
const seen = z.object({
  saw: z.literal('message'),
  room: z.string(),
  event: z.string(),
  sender: z.string(),
  /** It came encrypted, and was decrypted. */
  encrypted: z.boolean().nullish(),
  session: z.string().nullish(),
  content,
});
const line = z.union([
  z.object({ saw: z.literal('ready'), user: z.string(), device: z.string() }),
  seen,
  z.object({ saw: z.literal('undecryptable'), room: z.string(), event: z.string(), sender: z.string() }),
  z.looseObject({ done: z.string() }),
  z.object({ failed: z.string(), why: z.string() }),
]);

/** A message as matrix-nio saw it, decrypted. */
export type Seen = z.infer<typeof seen>;

/**
 * A person in encrypted rooms with a client that is not ours: matrix-nio with its end-to-end part (libolm), as
 * Debian packages it, in a process of its own.
 */
export class NioUser implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #waiting = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #ready = Promise.withResolvers<void>();
  readonly messages: Seen[] = [];
  /** Events that it could not decrypt when they came. */
  readonly undecryptable: string[] = [];
  userId = '';
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
    this.#ready.promise.catch(() => undefined);
  }

  /** Logs in as a new device. @throws {NoSynapseError} where Debian's package cannot be had. */
  static async login(homeserver: string, user: string, password: string): Promise<NioUser> {
    const install = await findSynapse((text) => process.stderr.write(`${text}\n`));
    if (install.kind !== 'chroot') throw new NoSynapseError('matrix-nio is only in the Debian folder');
    const folder = await mkdtemp(join(install.folder, 'tmp', 'vagent-nio-'));
    const source = await readFile(new URL('nio-user.py', import.meta.url), 'utf8');
    const seenAs = folder.slice(install.folder.length);
    const device = `NIO${randomUUID().slice(0, 6).toUpperCase()}`;
    const person = [homeserver, user, password, device, seenAs];
    const args = [install.folder, '/usr/bin/python3', '-c', source, ...person];
    const nio = new NioUser(spawn('chroot', args, { env: { ...process.env, LC_ALL: 'C.UTF-8' } }), folder);
    await nio.#ready.promise;
    return nio;
  }

  /** Sends an encrypted message, once it knows that the room is encrypted and that all of `members` are in it. */
  async send(room: string, message: Record<string, unknown>, members: readonly string[]): Promise<string> {
    const isKnown = async () => (await this.#do('knows', { room, members }))['known'] === true;
    await eventually(isKnown, { withinMs: 30_000, what: 'nio sees everybody in the room' });
    return String((await this.#do('send', { room, content: message }))['event']);
  }

  say(room: string, text: string, members: readonly string[], relation?: object): Promise<string> {
    const related = relation === undefined ? {} : { 'm.relates_to': relation };
    return this.send(room, { msgtype: 'm.text', body: text, ...related }, members);
  }

  async join(room: string): Promise<void> {
    await this.#do('join', { room });
  }

  /** Uploads a text, encrypted; what it returns belongs into the `file` of a message. */
  async upload(text: string): Promise<Record<string, unknown>> {
    return content.parse((await this.#do('upload', { text }))['file']);
  }

  async download(file: Record<string, unknown>): Promise<string> {
    return String((await this.#do('download', { file }))['text']);
  }

  /** Begins a new Megolm session with its next message. */
  async rotate(room: string): Promise<void> {
    await this.#do('rotate', { room });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #end(error: Error): void {
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  #do(command: string, options: object): Promise<Record<string, unknown>> {
    const id = randomUUID();
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, waiting);
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...options })}\n`);
    return waiting.promise.finally(() => this.#waiting.delete(id));
  }

  #take(told: z.infer<typeof line>): void {
    if ('done' in told) this.#waiting.get(told.done)?.resolve(told);
    else if ('failed' in told) this.#waiting.get(told.failed)?.reject(new Error(told.why));
    else if (told.saw === 'message') this.messages.push(told);
    else if (told.saw === 'undecryptable') this.undecryptable.push(told.event);
    else {
      this.userId = told.user;
      this.#ready.resolve();
    }
  }
}
