import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRecord, call, fetchFrom, type RequestOptions } from './matrix-user-http.ts';

export { MatrixRefusal } from './matrix-user-http.ts';

/** A Matrix event as /messages and /event show it. */
export interface MatrixEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly sender: string;
  readonly state_key?: string;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}

export interface SayOptions {
  /** Root event of the thread to write in. */
  thread?: string;
  /** User ids to name in `m.mentions`; their ids are put before the text. */
  mention?: string | string[];
}

interface Credentials {
  user_id: string;
  access_token: string;
  device_id: string;
}

/**
 * A person with a Matrix client, for end-to-end suites: plain HTTP, nothing of vagent's own Matrix code. Works
 * against Synapse and the embedded homeserver alike, and waits out 429 and a homeserver's restart.
 */
export class MatrixUser {
  readonly homeserver: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;

  constructor(homeserver: string, { user_id, access_token, device_id }: Credentials) {
    this.homeserver = homeserver;
    this.userId = user_id;
    this.accessToken = access_token;
    this.deviceId = device_id;
  }

  /** A new account, by the shared secret where one is given, else by open registration. */
  static async register(
    homeserver: string,
    name: string,
    options: { registrationSecret?: string; password?: string } = {},
  ): Promise<MatrixUser> {
    const password = options.password ?? `pw-${name}`;
    if (options.registrationSecret === undefined) {
      const auth = { type: 'm.login.dummy' };
      const answer = await call(homeserver, 'POST', '/_matrix/client/v3/register', {
        body: { username: name, password, auth },
      });
      return new MatrixUser(homeserver, toCredentials(answer));
    }
    const path = '/_synapse/admin/v1/register';
    const { nonce } = asRecord(await call(homeserver, 'GET', path));
    const text = [nonce, name, password, 'notadmin'].join('\0');
    const mac = createHmac('sha1', options.registrationSecret).update(text).digest('hex');
    const body = { nonce, username: name, password, admin: false, mac };
    return new MatrixUser(homeserver, toCredentials(await call(homeserver, 'POST', path, { body })));
  }

  /** Logs in by password; with the `deviceId` of an earlier login as that same device. */
  static async login(
    homeserver: string,
    name: string,
    options: { password?: string; deviceId?: string } = {},
  ): Promise<MatrixUser> {
    const body = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: name },
      password: options.password ?? `pw-${name}`,
      ...(options.deviceId === undefined ? {} : { device_id: options.deviceId }),
    };
    return new MatrixUser(
      homeserver,
      toCredentials(await call(homeserver, 'POST', '/_matrix/client/v3/login', { body })),
    );
  }

  /** A user of an appservice, made by it and logged in as a device. */
  static async ofAppservice(homeserver: string, name: string, asToken: string): Promise<MatrixUser> {
    const headers = { authorization: `Bearer ${asToken}` };
    const type = 'm.login.application_service';
    await call(homeserver, 'POST', '/_matrix/client/v3/register', {
      headers,
      body: { type, username: name, inhibit_login: true },
    });
    const body = { type, identifier: { type: 'm.id.user', user: name } };
    return new MatrixUser(
      homeserver,
      toCredentials(await call(homeserver, 'POST', '/_matrix/client/v3/login', { headers, body })),
    );
  }

  /** Calls the client-server API; `path` follows `/_matrix/client`. Throws MatrixRefusal on anything but 2xx. */
  async request(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Record<string, unknown>> {
    return asRecord(await this.#call(method, path, options));
  }

  /** The same, as a plain Response, without waiting out 429. */
  fetch(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    return fetchFrom(this.homeserver, method, `/_matrix/client${path}`, this.#authorised(options));
  }

  async createRoom(options: Record<string, unknown> = {}): Promise<string> {
    return String((await this.request('POST', '/v3/createRoom', { body: options }))['room_id']);
  }

  async invite(roomId: string, userId: string): Promise<void> {
    await this.request('POST', `${room(roomId)}/invite`, { body: { user_id: userId } });
  }

  async join(roomId: string): Promise<void> {
    await this.request('POST', `${room(roomId)}/join`, { body: {} });
  }

  async leave(roomId: string): Promise<void> {
    await this.request('POST', `${room(roomId)}/leave`, { body: {} });
  }

  /** Sends an event and returns its id. */
  async send(
    roomId: string,
    content: Record<string, unknown>,
    options: { type?: string; txnId?: string } = {},
  ): Promise<string> {
    const type = encodeURIComponent(options.type ?? 'm.room.message');
    const txnId = encodeURIComponent(options.txnId ?? randomUUID());
    const answer = await this.request('PUT', `${room(roomId)}/send/${type}/${txnId}`, { body: content });
    return String(answer['event_id']);
  }

  /** Says something, in a thread or not, naming somebody or not. */
  say(roomId: string, text: string, { thread, mention }: SayOptions = {}): Promise<string> {
    const mentioned = mention === undefined ? [] : [mention].flat();
    const relation = { rel_type: 'm.thread', event_id: thread, is_falling_back: true };
    return this.send(roomId, {
      msgtype: 'm.text',
      body: mentioned.length > 0 ? `${mentioned.join(' ')} ${text}` : text,
      'm.mentions': mentioned.length > 0 ? { user_ids: mentioned } : {},
      ...(thread === undefined
        ? {}
        : { 'm.relates_to': { ...relation, 'm.in_reply_to': { event_id: thread } } }),
    });
  }

  /** Answers a message with Matrix's rich reply. */
  reply(roomId: string, eventId: string, text: string): Promise<string> {
    return this.send(roomId, {
      msgtype: 'm.text',
      body: text,
      'm.mentions': {},
      'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
    });
  }

  react(roomId: string, eventId: string, key: string): Promise<string> {
    const relation = { rel_type: 'm.annotation', event_id: eventId, key };
    return this.send(roomId, { 'm.relates_to': relation }, { type: 'm.reaction' });
  }

  edit(roomId: string, eventId: string, text: string): Promise<string> {
    return this.send(roomId, {
      msgtype: 'm.text',
      body: `* ${text}`,
      'm.mentions': {},
      'm.new_content': { msgtype: 'm.text', body: text, 'm.mentions': {} },
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    });
  }

  async redact(roomId: string, eventId: string, reason?: string): Promise<string> {
    const path = `${room(roomId)}/redact/${encodeURIComponent(eventId)}/${randomUUID()}`;
    const answer = await this.request('PUT', path, { body: reason === undefined ? {} : { reason } });
    return String(answer['event_id']);
  }

  async event(roomId: string, eventId: string): Promise<MatrixEvent> {
    return toEvent(await this.request('GET', `${room(roomId)}/event/${encodeURIComponent(eventId)}`));
  }

  /** Every event of the room that this user can see, oldest first. */
  async timeline(roomId: string): Promise<MatrixEvent[]> {
    return (await this.#timelineFrom(roomId, undefined)).events;
  }

  /**
   * The first event of the room that `predicate` accepts, waiting for it up to `withinMs`. Each event is looked at
   * once, as it was when it was first seen: wait for the edit or the redaction itself, not for its target to change.
   */
  async waitFor(
    roomId: string,
    predicate: (event: MatrixEvent) => boolean,
    withinMs = 15_000,
  ): Promise<MatrixEvent> {
    const deadline = Date.now() + withinMs;
    const seen: MatrixEvent[] = [];
    let from: string | undefined;
    for (;;) {
      const page = await this.#timelineFrom(roomId, from);
      const found = page.events.find(predicate);
      if (found !== undefined) return found;
      seen.push(...page.events);
      from = page.end;
      if (Date.now() > deadline) {
        const last = seen
          .slice(-5)
          .map(({ type, sender, content }) => JSON.stringify({ type, sender, content }));
        throw new Error(
          `${this.userId} did not see ${predicate} in ${roomId} within ${withinMs} ms. Last events:\n${last.join('\n')}`,
        );
      }
      await sleep(50);
    }
  }

  /** One /sync; a `since` of undefined is an initial sync. */
  sync(
    options: { since?: string; timeoutMs?: number; filter?: unknown } = {},
  ): Promise<Record<string, unknown>> {
    const query = {
      timeout: String(options.timeoutMs ?? 0),
      ...(options.since === undefined ? {} : { since: options.since }),
      ...(options.filter === undefined ? {} : { filter: JSON.stringify(options.filter) }),
    };
    return this.request('GET', '/v3/sync', { query });
  }

  /** The events after `from`, and the place after the last of them. */
  async #timelineFrom(
    roomId: string,
    start: string | undefined,
  ): Promise<{ events: MatrixEvent[]; end: string | undefined }> {
    const events: MatrixEvent[] = [];
    let end = start;
    for (;;) {
      const query = { dir: 'f', limit: '500', ...(end === undefined ? {} : { from: end }) };
      const page = await this.request('GET', `${room(roomId)}/messages`, { query });
      const chunk = Array.isArray(page['chunk']) ? page['chunk'] : [];
      events.push(...chunk.map(toEvent));
      if (chunk.length === 0 || typeof page['end'] !== 'string') return { events, end };
      end = page['end'];
    }
  }

  #call(method: string, path: string, options: RequestOptions): Promise<unknown> {
    return call(this.homeserver, method, `/_matrix/client${path}`, this.#authorised(options));
  }

  #authorised(options: RequestOptions): RequestOptions {
    return { ...options, headers: { authorization: `Bearer ${this.accessToken}`, ...options.headers } };
  }
}

/** The path of a room below `/_matrix/client`. */
const room = (roomId: string): string => `/v3/rooms/${encodeURIComponent(roomId)}`;

function toCredentials(answer: unknown): Credentials {
  const { user_id, access_token, device_id } = asRecord(answer);
  if (typeof user_id !== 'string' || typeof access_token !== 'string' || typeof device_id !== 'string') {
    throw new Error(`Not the answer to a login: ${JSON.stringify(answer)}`);
  }
  return { user_id, access_token, device_id };
}

function toEvent(value: unknown): MatrixEvent {
  const event = asRecord(value);
  if (typeof event['event_id'] !== 'string' || typeof event['type'] !== 'string') {
    throw new Error(`Not an event: ${JSON.stringify(value)}`);
  }
  // The homeserver vouches for the rest of an event's fields: they are what the specification says.
  return value as MatrixEvent;
}
