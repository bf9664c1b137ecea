import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { EntryType } from '#contract/bodies';
import { decodeEntry, type Entry, type EntryOf } from '#contract/entry';
import { createKeys, type Keys } from '#contract/keys';
import { createMetrics, type Metrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import type { HomeserverConfig } from '../../services/homeserver/config.ts';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { ingressConfig } from '../../services/ingress/ingress-config.ts';
import { IngressService } from '../../services/ingress/service.ts';
import { eventually } from '../support/eventually.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

export interface RunningIngress extends AsyncDisposable {
  readonly metrics: Metrics;
  stop(): Promise<void>;
  /** Resolves when it has read from the homeserver. */
  ready(): Promise<void>;
}

const partitions = 4;

/** A homeserver with a bot, two people and an admin room, and an ingress of which one can have several. */
export class IngressWorld {
  readonly homeserver: Homeserver;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly bot: MatrixUser;
  readonly alice: MatrixUser;
  readonly bob: MatrixUser;
  readonly adminRoom: string;
  readonly #env: Record<string, string>;
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(parts: {
    homeserver: Homeserver;
    redis: Redis;
    keys: Keys;
    people: [MatrixUser, MatrixUser, MatrixUser];
    adminRoom: string;
    env: Record<string, string>;
  }) {
    this.homeserver = parts.homeserver;
    this.redis = parts.redis;
    this.keys = parts.keys;
    [this.bot, this.alice, this.bob] = parts.people;
    this.adminRoom = parts.adminRoom;
    this.#env = parts.env;
  }

  static async start(
    redisUrl: string,
    options: { homeserver?: HomeserverConfig; env?: Record<string, string>; botName?: string } = {},
  ): Promise<IngressWorld> {
    const homeserver = createHomeserver(options.homeserver ?? {});
    await homeserver.start();
    const prefix = uniquePrefix('ingress');
    const people = await Promise.all(
      ['vagent', 'alice', 'bob'].map((name) => MatrixUser.register(homeserver.url, name)),
    );
    const [bot, alice, bob] = people;
    if (bot === undefined || alice === undefined || bob === undefined) throw new Error('three people');
    const adminRoom = await alice.createRoom({ preset: 'public_chat' });
    const env = {
      REDIS_URL: redisUrl,
      KEY_PREFIX: prefix,
      STREAM_PARTITIONS: String(partitions),
      MATRIX_HOMESERVER: homeserver.url,
      MATRIX_ACCESS_TOKEN: bot.accessToken,
      ADMIN_ROOM_ID: adminRoom,
      ALLOWED_ROOMS: '*',
      ALLOWED_INVITERS: '*',
      HEALTH_PORT: '0',
      LOG_LEVEL: 'silent',
      USER_MESSAGES_PER_MINUTE: '0',
      ROOM_MESSAGES_PER_MINUTE: '0',
      ...options.env,
    };
    const redis = new Redis(redisUrl);
    redis.on('error', () => undefined);
    const keys = createKeys(prefix);
    const world = new IngressWorld({ homeserver, redis, keys, people: [bot, alice, bob], adminRoom, env });
    if (env.MATRIX_ACCESS_TOKEN === bot.accessToken) await bot.join(adminRoom);
    return world;
  }

  /** Runs in this process until it is stopped, here or with the world. */
  async ingress(env: Record<string, string> = {}): Promise<RunningIngress> {
    const { config } = readConfig(ingressConfig, { ...this.#env, ...env });
    const metrics = createMetrics({ service: 'ingress' });
    const log = pino({ level: config.log.level });
    const progress = createProgress();
    const service = new IngressService(config, { log, metrics, progress, onToken: () => undefined });
    const root = new AbortController();
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopping ??= (async () => {
        root.abort(new Error('stopping'));
        await service.stop();
      })();
      return stopping;
    };
    this.#ends.push(stop);
    await service.start(root.signal);
    const ready = async (): Promise<void> => {
      await eventually(() => service.isReading, { what: 'ingress has read something' });
    };
    return { metrics, stop, ready, [Symbol.asyncDispose]: stop };
  }

  /** Runs as a process of its own, to be killed. */
  process(env: Record<string, string> = {}): ChildProcess {
    const main = new URL('../../services/ingress/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--disable-warning=DEP0060', main], {
      env: { PATH: process.env['PATH'], ...this.#env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#ends.push(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    });
    return child;
  }

  /** A room of Alice's with the bot and whoever else in it. */
  async room(others: readonly MatrixUser[] = [], options: Record<string, unknown> = {}): Promise<string> {
    const room = await this.alice.createRoom({ preset: 'public_chat', ...options });
    for (const user of [this.bot, ...others]) await user.join(room);
    return room;
  }

  /** All inbound entries, by partition and in order. */
  async entries(): Promise<Entry[]> {
    const found: Entry[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const [, fields] of await this.redis.xrange(this.keys.stream(partition, 'inbound'), '-', '+')) {
        const decoded = decodeEntry(fields);
        if (!decoded.ok) throw new Error(decoded.reason);
        found.push(decoded.entry);
      }
    }
    return found;
  }

  async entriesOf<T extends EntryType>(type: T): Promise<EntryOf<T>[]> {
    const isOfType = (entry: Entry): entry is Extract<Entry, EntryOf<T>> => entry.type === type;
    return (await this.entries()).filter(isOfType);
  }

  /** Texts of received messages in their order, which is told only within a session. */
  async texts(): Promise<string[]> {
    return (await this.entriesOf('message.received')).map(({ body }) => body.text);
  }

  async waitForTexts(expected: readonly string[], withinMs = 15_000): Promise<void> {
    const all = async (): Promise<boolean> => {
      const texts = await this.texts();
      return expected.every((text) => texts.includes(text));
    };
    await eventually(all, { withinMs, what: `messages ${expected.join(', ')} are in the streams` });
  }

  async deadLetters(): Promise<Record<string, string>[]> {
    const letters: Record<string, string>[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const [, fields] of await this.redis.xrange(this.keys.stream(partition, 'dead'), '-', '+')) {
        const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []));
        letters.push(Object.fromEntries(pairs));
      }
    }
    return letters;
  }

  token(): Promise<string | null> {
    return this.redis.hget(this.keys.sync(this.bot.userId), 'token');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
    this.redis.disconnect();
    await this.homeserver.stop();
  }
}
