import { randomUUID } from 'node:crypto';
import {
  CollectStrategy,
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  OlmMachine,
  type OutgoingRequest,
  RequestType,
  RoomId,
  type ToDeviceRequest,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixUser } from './matrix-user.ts';
import { asRecord } from './matrix-user-http.ts';

type Content = Record<string, unknown>;

/** One key message: of an event type, for one device. */
export interface KeyMessage {
  readonly type: string;
  readonly user: string;
  readonly device: string;
  readonly content: unknown;
}

/** What happens to the messages that carry a room's key. */
export type OnKeys = (messages: readonly KeyMessage[]) => Promise<void>;

/** The keys of a test user, in memory: a client's crypto part as the specification has it, nothing of vagent's own. */
export class OlmDevice {
  readonly #user: MatrixUser;
  readonly #machine: OlmMachine;
  #since: string | undefined;
  /** One thing at a time, or the machine would make the same request twice. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(user: MatrixUser, machine: OlmMachine) {
    this.#user = user;
    this.#machine = machine;
  }

  /** Makes the keys of this login and publishes them; `isSigned` makes cross-signing keys too. */
  static async open(user: MatrixUser, { isSigned }: { isSigned: boolean }): Promise<OlmDevice> {
    const machine = await OlmMachine.initialize(new UserId(user.userId), new DeviceId(user.deviceId));
    const device = new OlmDevice(user, machine);
    await device.catchUp();
    if (isSigned) await device.#sign();
    return device;
  }

  get curve25519(): string {
    return this.#machine.identityKeys.curve25519.toBase64();
  }

  get ed25519(): string {
    return this.#machine.identityKeys.ed25519.toBase64();
  }

  /** Takes everything that waits at the homeserver: keys, and who has new devices. */
  catchUp(): Promise<void> {
    return this.#alone(() => this.#catchUp());
  }

  /** Encrypts for these users; `onKeys` gets the messages with the key, where a new one is made or somebody lacks it. */
  encrypt(
    room: string,
    members: readonly string[],
    event: { readonly type: string; readonly content: Content },
    onKeys: OnKeys,
  ): Promise<Content> {
    return this.#alone(async () => {
      await this.#catchUp();
      const ids = (): UserId[] => members.map((member) => new UserId(member));
      await this.#machine.updateTrackedUsers(ids());
      await this.#deliverAll();
      const claim = await this.#machine.getMissingSessions(ids());
      if (claim !== null) await this.#deliver(claim);
      const settings = new EncryptionSettings();
      settings.sharingStrategy = CollectStrategy.allDevices();
      const requests = await this.#machine.shareRoomKey(new RoomId(room), ids(), settings);
      await onKeys(requests.flatMap((request) => keyMessages(request)));
      for (const { id, type } of requests) await this.#machine.markRequestAsSent(id, type, '{}');
      const { type, content } = event;
      const text = await this.#machine.encryptRoomEvent(new RoomId(room), type, JSON.stringify(content));
      return asRecord(JSON.parse(text));
    });
  }

  /** Type and content as they were encrypted; undefined while the key is missing. */
  decrypt(room: string, event: object): Promise<{ type: string; content: Content } | undefined> {
    return this.#alone(async () => {
      try {
        const settings = new DecryptionSettings(TrustRequirement.Untrusted);
        const read = await this.#machine.decryptRoomEvent(JSON.stringify(event), new RoomId(room), settings);
        const { type, content } = asRecord(JSON.parse(read.event));
        return { type: String(type), content: asRecord(content) };
      } catch {
        return undefined;
      }
    });
  }

  /** The next event of the room is encrypted with a new key. */
  async forgetRoomKey(room: string): Promise<void> {
    await this.#alone(() => this.#machine.invalidateGroupSession(new RoomId(room)));
  }

  /** Sends messages to devices, in one request for each type. */
  async sendToDevices(messages: readonly KeyMessage[]): Promise<void> {
    for (const [type, some] of Map.groupBy(messages, (message) => message.type)) {
      const body: Record<string, Record<string, unknown>> = {};
      for (const { user, device, content } of some) body[user] = { ...body[user], [device]: content };
      const path = `/v3/sendToDevice/${encodeURIComponent(type)}/${randomUUID()}`;
      await this.#user.request('PUT', path, { body: { messages: body } });
    }
  }

  async #catchUp(): Promise<void> {
    const nothing = { types: [] };
    const filter = { room: { rooms: [] }, presence: nothing, account_data: nothing };
    const answer = await this.#user.sync({
      ...(this.#since === undefined ? {} : { since: this.#since }),
      filter,
    });
    const lists = asRecord(answer['device_lists'] ?? {});
    const ids = (value: unknown): UserId[] =>
      Array.isArray(value) ? value.map((id) => new UserId(String(id))) : [];
    const counts = Object.entries(asRecord(answer['device_one_time_keys_count'] ?? {}));
    await this.#machine.receiveSyncChanges(
      JSON.stringify(asRecord(answer['to_device'] ?? {})['events'] ?? []),
      new DeviceLists(ids(lists['changed']), ids(lists['left'])),
      new Map(counts.map(([algorithm, count]) => [algorithm, Number(count)])),
      new Set(),
      new DecryptionSettings(TrustRequirement.Untrusted),
    );
    this.#since = String(answer['next_batch']);
    await this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    for (const request of await this.#machine.outgoingRequests()) await this.#deliver(request);
  }

  async #deliver(request: OutgoingRequest): Promise<void> {
    const { id, type, body } = request;
    if (id === undefined) throw new Error('A request without an id');
    const [method, path] = routeOf(request);
    const answer = await this.#user.request(method, path, { body: JSON.parse(body) });
    await this.#machine.markRequestAsSent(id, type, JSON.stringify(answer));
  }

  async #sign(): Promise<void> {
    const requests = await this.#machine.bootstrapCrossSigning(true);
    if (requests.uploadKeysRequest !== undefined) await this.#deliver(requests.uploadKeysRequest);
    const keys = asRecord(JSON.parse(requests.uploadSigningKeysRequest.body));
    await this.#user.request('POST', '/v3/keys/device_signing/upload', { body: keys });
    const { body } = requests.uploadSignaturesRequest;
    await this.#user.request('POST', '/v3/keys/signatures/upload', { body: JSON.parse(body) });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  close(): void {
    this.#machine.close();
  }
}

function routeOf(request: OutgoingRequest): [method: string, path: string] {
  switch (request.type) {
    case RequestType.KeysUpload:
      return ['POST', '/v3/keys/upload'];
    case RequestType.KeysQuery:
      return ['POST', '/v3/keys/query'];
    case RequestType.KeysClaim:
      return ['POST', '/v3/keys/claim'];
    case RequestType.SignatureUpload:
      return ['POST', '/v3/keys/signatures/upload'];
    case RequestType.ToDevice: {
      if (!('event_type' in request)) throw new Error('A message to devices without a type');
      const { event_type, txn_id } = request;
      return ['PUT', `/v3/sendToDevice/${encodeURIComponent(event_type)}/${encodeURIComponent(txn_id)}`];
    }
    default:
      throw new Error(`A test user makes no request of type ${request.type}`);
  }
}

function keyMessages({ event_type, body }: ToDeviceRequest): KeyMessage[] {
  const messages = asRecord(asRecord(JSON.parse(body))['messages']);
  return Object.entries(messages).flatMap(([user, byDevice]) =>
    Object.entries(asRecord(byDevice)).map(([device, content]) => ({
      type: event_type,
      user,
      device,
      content,
    })),
  );
}
