import { Attachment, EncryptedAttachment } from '@matrix-org/matrix-sdk-crypto-wasm';
import { eventually } from './eventually.ts';
import { type MatrixEvent, MatrixUser } from './matrix-user.ts';
import { asRecord } from './matrix-user-http.ts';
import { type KeyMessage, OlmDevice, type OnKeys } from './olm-device.ts';

type Content = Record<string, unknown>;

/** An event as its reader sees it: `isEncrypted` where type and content came out of a ciphertext. */
export interface ReadEvent extends MatrixEvent {
  readonly isEncrypted: boolean;
}

export interface SentFile {
  readonly name: string;
  readonly mimetype: string;
  readonly msgtype?: 'm.image' | 'm.file' | 'm.audio' | 'm.video';
}

/** The encryption of rooms as clients switch it on; for `initial_state` of `createRoom`. */
export const encryptionState = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
};

/**
 * A person with a client that encrypts: what is sent into an encrypted room by `send`, `say`, `reply` and `edit` is
 * encrypted, `timeline` and `waitFor` show what could be decrypted (else the `m.room.encrypted` as it is). Reactions
 * stay clear text, as everywhere in Matrix; `sendClear` sends anything as it is.
 */
export class EncryptedUser extends MatrixUser {
  readonly device: OlmDevice;
  readonly #encrypted = new Map<string, boolean>();
  readonly #read = new Map<string, ReadEvent>();
  #onKeys: OnKeys;
  #held: KeyMessage[] = [];

  private constructor(user: MatrixUser, device: OlmDevice) {
    const { userId: user_id, accessToken: access_token, deviceId: device_id } = user;
    super(user.homeserver, { user_id, access_token, device_id });
    this.device = device;
    this.#onKeys = (messages) => device.sendToDevices(messages);
  }

  /** The same person with keys; `isSigned` (default no) makes cross-signing keys, and signs this device with them. */
  static async open(user: MatrixUser, { isSigned = false } = {}): Promise<EncryptedUser> {
    return new EncryptedUser(user, await OlmDevice.open(user, { isSigned }));
  }

  /** A room of this user that is encrypted from its first event on. */
  createEncryptedRoom(options: Content = {}): Promise<string> {
    return this.createRoom({ preset: 'public_chat', initial_state: [encryptionState], ...options });
  }

  /** Encrypts where the room is encrypted and the type is no reaction. */
  override async send(
    room: string,
    content: Content,
    options: { type?: string; txnId?: string } = {},
  ): Promise<string> {
    const { type = 'm.room.message' } = options;
    if (type === 'm.reaction' || !(await this.#isEncrypted(room))) return super.send(room, content, options);
    return super.send(room, await this.encrypt(room, content, type), {
      ...options,
      type: 'm.room.encrypted',
    });
  }

  /** The content of an `m.room.encrypted` for everybody in the room, relations outside; its key goes its way. */
  async encrypt(room: string, content: Content, type = 'm.room.message'): Promise<Content> {
    const members = await this.#members(room);
    const encrypted = await this.device.encrypt(room, members, { type, content }, this.#onKeys);
    const relation = content['m.relates_to'];
    return relation === undefined ? encrypted : { ...encrypted, 'm.relates_to': relation };
  }

  /** Sends as it is, whatever the room is. */
  sendClear(room: string, content: Content, options: { type?: string } = {}): Promise<string> {
    return super.send(room, content, options);
  }

  /** Encrypts a file, uploads it, and sends the message that carries its key. */
  async sendFile(room: string, bytes: Uint8Array, file: SentFile): Promise<string> {
    const { name, mimetype, msgtype = 'm.file' } = file;
    const sealed = Attachment.encrypt(bytes);
    const info = asRecord(JSON.parse(sealed.mediaEncryptionInfo ?? ''));
    const response = await fetch(`${this.homeserver}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.accessToken}`, 'content-type': 'application/octet-stream' },
      body: Uint8Array.from(sealed.encryptedData),
    });
    const { content_uri: url } = asRecord(await response.json());
    const content = { msgtype, body: name, filename: name, info: { mimetype, size: bytes.length } };
    return this.send(room, { ...content, file: { ...info, url } });
  }

  /** The bytes of a `file` that an event carries. */
  async readFile(file: Content): Promise<Uint8Array> {
    const path = `/_matrix/client/v1/media/download/${String(file['url']).slice('mxc://'.length)}`;
    const headers = { authorization: `Bearer ${this.accessToken}` };
    const response = await fetch(`${this.homeserver}${path}`, { headers });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return Attachment.decrypt(new EncryptedAttachment(bytes, JSON.stringify(file)));
  }

  /** From now on the keys for `userId` (of new sessions: see `newSession`) wait for `releaseKeys`. */
  holdKeys(userId: string): void {
    this.#onKeys = async (messages) => {
      const isHeld = ({ user }: KeyMessage): boolean => user === userId;
      this.#held.push(...messages.filter(isHeld));
      await this.device.sendToDevices(messages.filter((message) => !isHeld(message)));
    };
  }

  /** Sends what was held, and holds nothing any more. */
  async releaseKeys(): Promise<void> {
    this.#onKeys = (messages) => this.device.sendToDevices(messages);
    await this.device.sendToDevices(this.#held.splice(0));
  }

  /** Throws what was held away: those keys never come. What is sent next still goes to `holdKeys`, until released. */
  dropKeys(): void {
    this.#held = [];
  }

  /** Tells the devices whose key is held that they do not get it (`m.room_key.withheld`). */
  async tellWithheld(room: string, encrypted: Content, code = 'm.unverified'): Promise<void> {
    const content = {
      algorithm: 'm.megolm.v1.aes-sha2',
      room_id: room,
      session_id: encrypted['session_id'],
      sender_key: this.device.curve25519,
      code,
      reason: 'withheld by a test',
    };
    const to = this.#held.splice(0).map(({ user, device }) => ({ user, device }));
    await this.device.sendToDevices(to.map((one) => ({ ...one, type: 'm.room_key.withheld', content })));
  }

  /** What is sent next into the room is encrypted with a new key. */
  newSession(room: string): Promise<void> {
    return this.device.forgetRoomKey(room);
  }

  override async timeline(room: string): Promise<ReadEvent[]> {
    await this.device.catchUp();
    const events: ReadEvent[] = [];
    for (const event of await super.timeline(room)) events.push(await this.#open(room, event));
    return events;
  }

  /** The first event that `predicate` accepts, decrypted where it can be; an event whose key is late is looked at again. */
  override waitFor(
    room: string,
    predicate: (event: ReadEvent) => boolean,
    withinMs = 15_000,
  ): Promise<ReadEvent> {
    const find = async (): Promise<ReadEvent | undefined> => (await this.timeline(room)).find(predicate);
    const what = `${this.userId} sees ${predicate} in ${room}`;
    return eventually(find, { withinMs: withinMs / 4, everyMs: 100, what });
  }

  async #open(room: string, event: MatrixEvent): Promise<ReadEvent> {
    if (event.type !== 'm.room.encrypted') return { ...event, isEncrypted: false };
    const known = this.#read.get(event.event_id);
    if (known !== undefined) return known;
    const clear = await this.device.decrypt(room, event);
    if (clear === undefined) return { ...event, isEncrypted: true };
    const relation = event.content['m.relates_to'];
    const content = { ...(relation === undefined ? {} : { 'm.relates_to': relation }), ...clear.content };
    const read = { ...event, type: clear.type, content, isEncrypted: true };
    this.#read.set(event.event_id, read);
    return read;
  }

  async #isEncrypted(room: string): Promise<boolean> {
    const known = this.#encrypted.get(room);
    if (known === true) return true;
    const state = await super.fetch('GET', `/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption/`);
    this.#encrypted.set(room, state.ok);
    return state.ok;
  }

  async #members(room: string): Promise<string[]> {
    const answer = await this.request('GET', `/v3/rooms/${encodeURIComponent(room)}/joined_members`);
    return Object.keys(asRecord(answer['joined']));
  }
}
