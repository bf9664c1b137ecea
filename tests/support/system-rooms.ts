import { eventually } from './eventually.ts';
import type { HomeserverUnderTest } from './homeserver-under-test.ts';
import { MatrixUser } from './matrix-user.ts';

/** A room of the system, and somebody who has seen all of it. */
export interface TrackedRoom {
  readonly roomId: string;
  readonly reader: MatrixUser;
  readonly kind: 'admin' | 'direct' | 'group';
}

/** The people of a system and the rooms that they share with the bot. */
export class SystemRooms {
  readonly all: TrackedRoom[] = [];
  readonly bot: MatrixUser;
  readonly #homeserver: HomeserverUnderTest;
  readonly #tag: string;
  readonly #clientFor: ((user: MatrixUser) => Promise<MatrixUser>) | undefined;
  /** How many people were called by a name. */
  readonly #called = new Map<string, number>();

  /**
   * `tag` is a part of all names, so that they are new on this homeserver. With `clientFor`, which gives people a client
   * that encrypts, all rooms are encrypted.
   */
  constructor(
    homeserver: HomeserverUnderTest,
    bot: MatrixUser,
    tag: string,
    clientFor?: (user: MatrixUser) => Promise<MatrixUser>,
  ) {
    this.#homeserver = homeserver;
    this.bot = bot;
    this.#tag = tag;
    this.#clientFor = clientFor;
  }

  /** Somebody new each time: a test that runs once more on its stage meets nobody of its first try. */
  async user(name: string): Promise<MatrixUser> {
    const count = (this.#called.get(name) ?? 0) + 1;
    this.#called.set(name, count);
    const localpart = count === 1 ? `${name}-${this.#tag}` : `${name}-${this.#tag}-${count}`;
    const user = await MatrixUser.register(this.#homeserver.url, localpart, this.#homeserver);
    return this.#clientFor === undefined ? user : this.#clientFor(user);
  }

  /** A private room of these people and the bot. */
  async open(kind: TrackedRoom['kind'], people: readonly MatrixUser[]): Promise<string> {
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error('A room needs somebody who opens it');
    const roomId = await owner.createRoom({
      ...this.#settings(),
      is_direct: kind === 'direct',
      invite: [...others.map(({ userId }) => userId), this.bot.userId],
    });
    for (const guest of [...others, this.bot]) await guest.join(roomId);
    this.all.push({ roomId, reader: owner, kind });
    return roomId;
  }

  /** A direct room into which only the invite brings the bot: its ingress has to accept it. */
  async invite(owner: MatrixUser): Promise<string> {
    const roomId = await owner.createRoom({
      ...this.#settings(),
      is_direct: true,
      invite: [this.bot.userId],
    });
    const isIn = async (): Promise<boolean> =>
      (await owner.timeline(roomId)).some(
        ({ type, state_key, content }) =>
          type === 'm.room.member' && state_key === this.bot.userId && content['membership'] === 'join',
      );
    await eventually(isIn, { withinMs: 20_000, everyMs: 50, what: 'the bot has accepted the invite' });
    this.all.push({ roomId, reader: owner, kind: 'direct' });
    return roomId;
  }

  #settings(): Record<string, unknown> {
    const encryption = {
      type: 'm.room.encryption',
      state_key: '',
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    };
    return { preset: 'private_chat', initial_state: this.#clientFor === undefined ? [] : [encryption] };
  }
}
