import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { type Entry, encodeEntry } from '#contract/entry';
import { createKeys, type Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { egressConfig } from '../../services/egress/egress-config.ts';
import { EgressService } from '../../services/egress/service.ts';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import type { HomeserverConfig } from '../../services/homeserver/config.ts';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { EncryptedUser, encryptionState } from '../support/encrypted-user.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import { SystemProcess } from '../support/system-process.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const partitions = 2;
export const botId = '@vagent:localhost';
export const ghostId = (agent: string): string => `@_vagent_${agent}:localhost`;

export interface GhostsStage extends AsyncDisposable {
  readonly homeserver: Homeserver;
  readonly alice: MatrixUser;
  readonly bot: MatrixUser;
  readonly redis: Redis;
  readonly keys: Keys;
  /** A room of Alice's with the bot in it. */
  room(options?: Record<string, unknown>): Promise<string>;
  /** An entry of `outbound` as the worker writes it. */
  publish(room: string, type: 'reply.drafted' | 'reply.finished', body: Said): Promise<void>;
  /** An egress in this process; returns what stops it. */
  egress(env?: Record<string, string>): Promise<() => Promise<void>>;
  /** An egress as a process of its own, to be killed. */
  process(name?: string): SystemProcess;
  /** What anybody but Alice has written into a room, oldest first. */
  said(room: string): Promise<MatrixEvent[]>;
  /** What egress has logged in this process. */
  log(): string;
  pending(): Promise<number>;
  deadLetters(): Promise<number>;
}

export interface Said {
  readonly turn: string;
  readonly text: string;
  readonly agent: string | null;
}

/** The embedded homeserver with the bot as the sender of an appservice, whose registration covers ghosts unless told otherwise. */
export async function openGhostsStage(
  redisUrl: string,
  options: { users?: object[]; homeserver?: HomeserverConfig; isEncrypted?: boolean } = {},
): Promise<GhostsStage> {
  await using stack = new AsyncDisposableStack();
  const registration = toRegistration({
    id: 'vagent',
    url: null,
    as_token: 'as-token-of-this-test',
    hs_token: 'hs-token-of-this-test',
    sender_localpart: 'vagent',
    rate_limited: false,
    namespaces: {
      users: (options.users ?? [{ exclusive: true, regex: '@_vagent_.*:localhost' }]) as {
        exclusive: boolean;
        regex: string;
      }[],
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'vagent-ghosts-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'registration.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration));
  const homeserver = createHomeserver({ appservices: [registration], ...options.homeserver });
  await homeserver.start();
  stack.defer(() => homeserver.stop());
  const person = await MatrixUser.register(homeserver.url, 'alice');
  const alice = options.isEncrypted ? await EncryptedUser.open(person) : person;
  const bot = new MatrixUser(homeserver.url, {
    user_id: botId,
    access_token: registration.as_token,
    device_id: '',
  });
  const adminRoom = await alice.createRoom({ invite: [botId] });
  await bot.join(adminRoom);
  const prefix = uniquePrefix('ghosts');
  const env = {
    REDIS_URL: redisUrl,
    KEY_PREFIX: prefix,
    STREAM_PARTITIONS: String(partitions),
    MATRIX_HOMESERVER: homeserver.url,
    MATRIX_MODE: 'appservice',
    MATRIX_APPSERVICE_REGISTRATION: file,
    ADMIN_ROOM_ID: adminRoom,
    LEASE_MS: '1000',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    ...(options.isEncrypted ? { CRYPTO_STORE_KEY: randomBytes(32).toString('base64') } : {}),
  };
  const redis = new Redis(redisUrl);
  redis.on('error', () => undefined);
  stack.defer(() => redis.disconnect());
  const keys = createKeys(prefix);
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const streams = Array.from({ length: partitions }, (_, partition) => keys.stream(partition, 'outbound'));
  const ends = stack.use(new AsyncDisposableStack());
  const resources = stack.move();
  return {
    homeserver,
    alice,
    bot,
    redis,
    keys,
    room: async (more = {}) => {
      const initial_state = options.isEncrypted ? [encryptionState] : [];
      const room = await alice.createRoom({
        initial_state,
        invite: [botId],
        power_level_content_override: { invite: 0 },
        ...more,
      });
      await bot.join(room);
      return room;
    },
    publish: async (room, type, { turn, text, agent }) => {
      const session = formatSessionId({ room, thread: null, user: alice.userId });
      const body = { reply: turn, text, replyTo: null, revision: 0, agent };
      const id = `${turn}#${type}-${text.length}`;
      const entry: Entry = { type, id, session, turn, at: new Date().toISOString(), body };
      await redis.xadd(keys.stream(partitionOf(session, partitions), 'outbound'), '*', ...encodeEntry(entry));
    },
    egress: async (own = {}) => {
      const { config } = readConfig(egressConfig, { ...env, HEALTH_PORT: '0', ...own });
      const service = new EgressService(config, {
        log: pino({ level: 'debug' }, sink),
        metrics: createMetrics({ service: 'egress' }),
        progress: createProgress(),
        onToken: () => undefined,
      });
      const root = new AbortController();
      let stopping: Promise<void> | undefined;
      const stop = (): Promise<void> => {
        stopping ??= (async () => {
          root.abort(new Error('stopping'));
          await service.stop();
        })();
        return stopping;
      };
      ends.defer(stop);
      await service.start(root.signal);
      return stop;
    },
    process: (name = 'egress-1') => {
      const one = new SystemProcess(name, 'egress', { PATH: process.env['PATH'] ?? '', ...env, SLOT: name });
      ends.defer(async () => {
        if (one.isRunning) await one.kill('SIGKILL');
      });
      return one;
    },
    said: async (room) =>
      (await alice.timeline(room)).filter(
        ({ sender, type }) => sender !== alice.userId && type === 'm.room.message',
      ),
    log: () => lines.join(''),
    pending: async () => {
      const counts = await Promise.all(streams.map((key) => redis.xpending(key, 'egress').catch(() => [0])));
      return counts.reduce((sum, [count]) => sum + Number(count), 0);
    },
    deadLetters: async () => {
      const dead = Array.from({ length: partitions }, (_, partition) => keys.stream(partition, 'dead'));
      const counts = await Promise.all(dead.map((key) => redis.xlen(key)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
