import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { type MatrixEvent, MatrixUser } from './matrix-user.ts';
import { asRecord } from './matrix-user-http.ts';
import type { NioClients } from './nio-clients.ts';

/**
 * A person whose client is matrix-nio: what they say in encrypted rooms it encrypts, and what they read is what it
 * could decrypt, an `m.room.encrypted` where it could not.
 */
export class NioUser extends MatrixUser {
  readonly #clients: NioClients;
  readonly #encrypted = new Set<string>();

  private constructor(user: MatrixUser, clients: NioClients) {
    const { userId: user_id, accessToken: access_token, deviceId: device_id } = user;
    super(user.homeserver, { user_id, access_token, device_id });
    this.#clients = clients;
  }

  /** The same person with such a client; their password is the one of `MatrixUser.register`. */
  static async open(user: MatrixUser, clients: NioClients): Promise<NioUser> {
    await clients.login(user.userId, `pw-${user.userId.slice(1, user.userId.indexOf(':'))}`);
    return new NioUser(user, clients);
  }

  override async send(
    roomId: string,
    content: Record<string, unknown>,
    options: { type?: string; txnId?: string } = {},
  ): Promise<string> {
    const { type = 'm.room.message', txnId = randomUUID() } = options;
    if (type === 'm.reaction' || !(await this.#isEncrypted(roomId))) {
      return super.send(roomId, content, options);
    }
    const path = `/v3/rooms/${encodeURIComponent(roomId)}/joined_members`;
    const isReady = async (): Promise<boolean> => {
      const members = Object.keys(asRecord((await this.request('GET', path))['joined']));
      return this.#clients.knows(this.userId, roomId, members);
    };
    await eventually(isReady, { withinMs: 30_000, everyMs: 50, what: 'nio knows who is in the room' });
    return this.#clients.send(this.userId, roomId, { type, content, txn: txnId });
  }

  override async timeline(roomId: string): Promise<MatrixEvent[]> {
    const events = await super.timeline(roomId);
    const newest = events.findLast(({ type }) => type === 'm.room.encrypted');
    if (newest !== undefined) {
      const hasCome = async (): Promise<boolean> =>
        this.#clients.message(this.userId, newest.event_id) !== undefined ||
        this.#clients.undecryptable(this.userId).has(newest.event_id) ||
        newest.unsigned?.['redacted_because'] !== undefined;
      await eventually(hasCome, { withinMs: 20_000, everyMs: 20, what: `nio has seen ${newest.event_id}` });
    }
    return events.map((event) => this.#read(event));
  }

  override async waitFor(
    roomId: string,
    predicate: (event: MatrixEvent) => boolean,
    withinMs = 15_000,
  ): Promise<MatrixEvent> {
    const look = async (): Promise<MatrixEvent | undefined> => (await this.timeline(roomId)).find(predicate);
    return eventually(look, { withinMs, everyMs: 50, what: `${this.userId} sees ${predicate}` });
  }

  override async event(roomId: string, eventId: string): Promise<MatrixEvent> {
    return this.#read(await super.event(roomId, eventId));
  }

  /** Uploads a text, encrypted; what it resolves to belongs into the `file` of a message. */
  upload(text: string): Promise<Record<string, unknown>> {
    return this.#clients.upload(this.userId, text);
  }

  /** The text of an encrypted file that a message names. */
  download(file: Record<string, unknown>): Promise<string> {
    return this.#clients.download(this.userId, file);
  }

  /** Everything in the room as the homeserver has it. */
  raw(roomId: string): Promise<MatrixEvent[]> {
    return super.timeline(roomId);
  }

  #read(event: MatrixEvent): MatrixEvent {
    const message = this.#clients.message(this.userId, event.event_id);
    if (event.type !== 'm.room.encrypted' || message === undefined) return event;
    return { ...event, type: 'm.room.message', content: message.content };
  }

  async #isEncrypted(roomId: string): Promise<boolean> {
    if (this.#encrypted.has(roomId)) return true;
    const path = `/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.encryption/`;
    const { ok } = await this.fetch('GET', path);
    if (ok) this.#encrypted.add(roomId);
    return ok;
  }
}
