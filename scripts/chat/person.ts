import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Call, callHomeserver } from './call-homeserver.ts';
import { type SyncAnswer, syncAnswer } from './sync-answer.ts';

const credentials = z.object({ user_id: z.string(), access_token: z.string() });
const roomAnswer = z.object({ room_id: z.string() });
const joinedRooms = z.object({ joined_rooms: z.array(z.string()) });
const sent = z.object({ event_id: z.string() });
const roomName = z.object({ name: z.string() });

/** How much of each room's past is shown at the start. */
const filter = JSON.stringify({
  room: {
    timeline: { limit: 40 },
    state: { types: ['m.room.member', 'm.room.name'], lazy_load_members: true },
  },
  presence: { types: [] },
});
const pollMs = 25_000;

/** Somebody with a Matrix account who uses it from here: a plain client over HTTP. */
export class Person {
  readonly homeserver: string;
  readonly userId: string;
  readonly #token: string;

  constructor(homeserver: string, userId: string, token: string) {
    this.homeserver = homeserver;
    this.userId = userId;
    this.#token = token;
  }

  /** @throws {HomeserverError} with errcode M_FORBIDDEN where name or password is wrong. */
  static async signIn(
    homeserver: string,
    name: string,
    password: string,
    deviceId?: string,
  ): Promise<Person> {
    const body = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: name },
      password,
      initial_device_display_name: 'vagent in a terminal',
      ...(deviceId === undefined ? {} : { device_id: deviceId }),
    };
    return toPerson(
      homeserver,
      await callHomeserver(homeserver, { method: 'POST', path: '/v3/login', body }),
    );
  }

  /** A new account by open registration. @throws {HomeserverError} with errcode M_USER_IN_USE where there is one. */
  static async register(homeserver: string, name: string, password: string): Promise<Person> {
    const body = { username: name, password, auth: { type: 'm.login.dummy' } };
    return toPerson(
      homeserver,
      await callHomeserver(homeserver, { method: 'POST', path: '/v3/register', body }),
    );
  }

  async signOut(): Promise<void> {
    await this.#call({ method: 'POST', path: '/v3/logout', body: {}, timeoutMs: 2_000 });
  }

  async setDisplayName(displayname: string): Promise<void> {
    const path = `/v3/profile/${encodeURIComponent(this.userId)}/displayname`;
    await this.#call({ method: 'PUT', path, body: { displayname } });
  }

  async createRoom(options: object): Promise<string> {
    const answer = await this.#call({ method: 'POST', path: '/v3/createRoom', body: options });
    return roomAnswer.parse(answer).room_id;
  }

  async join(room: string): Promise<void> {
    await this.#call({ method: 'POST', path: `${pathOf(room)}/join`, body: {} });
  }

  async joinedRooms(): Promise<string[]> {
    return joinedRooms.parse(await this.#call({ method: 'GET', path: '/v3/joined_rooms' })).joined_rooms;
  }

  /** The room's name; its id where it has none. */
  async nameOf(room: string): Promise<string> {
    try {
      return roomName.parse(await this.#call({ method: 'GET', path: `${pathOf(room)}/state/m.room.name` }))
        .name;
    } catch {
      // A room without a name is told by its id, and so is one that we may not look into.
      return room;
    }
  }

  /** Says something, as a reply to an event where one is given. Resolves with the event's id. */
  async say(room: string, text: string, replyTo?: string): Promise<string> {
    const content = {
      msgtype: 'm.text',
      body: text,
      'm.mentions': {},
      ...(replyTo === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: replyTo } } }),
    };
    const path = `${pathOf(room)}/send/m.room.message/${randomUUID()}`;
    return sent.parse(await this.#call({ method: 'PUT', path, body: content })).event_id;
  }

  async setTyping(room: string, isTyping: boolean): Promise<void> {
    const path = `${pathOf(room)}/typing/${encodeURIComponent(this.userId)}`;
    await this.#call({ method: 'PUT', path, body: { typing: isTyping, timeout: 10_000 } });
  }

  /** What happened after `since`, waiting for it; without it, the rooms as they are now. */
  async sync(since: string | undefined, signal: AbortSignal): Promise<SyncAnswer> {
    const query = since === undefined ? { timeout: '0' } : { timeout: String(pollMs), since };
    const timeoutMs = pollMs + 20_000;
    const call = { method: 'GET', path: '/v3/sync', query: { ...query, filter }, signal, timeoutMs } as const;
    return syncAnswer.parse(await this.#call(call));
  }

  #call(call: Call): Promise<unknown> {
    return callHomeserver(this.homeserver, { ...call, token: this.#token });
  }
}

function toPerson(homeserver: string, answer: unknown): Person {
  const { user_id, access_token } = credentials.parse(answer);
  return new Person(homeserver, user_id, access_token);
}

function pathOf(room: string): string {
  return `/v3/rooms/${encodeURIComponent(room)}`;
}
