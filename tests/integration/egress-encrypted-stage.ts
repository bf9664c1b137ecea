import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { stringify } from 'yaml';
import type { Body, EntryType } from '#contract/bodies';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { openTransport, type Transport } from '#streams/open-transport';
import {
  type AppserviceRegistration,
  toRegistration,
} from '../../services/homeserver/appservice/registration.ts';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import { redisAt } from '../support/redis-at.ts';
import { type Environment, SystemProcess } from '../support/system-process.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { publishTo } from './egress-stage.ts';

/** Alice and Rita with clients that encrypt, the bot in their encrypted rooms, and egress as processes of their own. */
export interface EncryptedStage extends AsyncDisposable {
  readonly homeserver: Homeserver;
  readonly alice: EncryptedUser;
  readonly rita: EncryptedUser;
  readonly bot: MatrixUser;
  readonly room: string;
  readonly adminRoom: string;
  /** Alice's session in the room, or in a thread of it. */
  session(thread?: string): string;
  readonly transport: Transport;
  /** Starts it, and waits until it holds a device. */
  hold(egress: SystemProcess, env?: Environment): Promise<void>;
  /** A process that is not started yet; it ends with the stage. */
  egress(name?: string, env?: Environment): SystemProcess;
  publish<T extends EntryType>(type: T, turn: string, body: Body<T>, session?: string): Promise<void>;
  /** What the homeserver keeps of the bot's events of a room, oldest first. */
  raw(room?: string): Promise<MatrixEvent[]>;
  /** What Alice can read of the bot's events of the room, oldest first. */
  read(): Promise<MatrixEvent[]>;
  /** Resolves once nothing is pending in the streams of egress. */
  isIdle(): Promise<boolean>;
  dead(): Promise<string[][]>;
}

export const partitions = 2;
const log = pino({ level: 'silent' });

/** `isAppservice`: the bot is the sender of an appservice, in place of an account with a password. */
export async function openEncryptedStage(
  redisUrl: string,
  { isAppservice = false } = {},
): Promise<EncryptedStage> {
  const access = isAppservice ? await appserviceAccess() : passwordAccess;
  const homeserver = createHomeserver({ appservices: access.registrations });
  await homeserver.start();
  const register = (name: string) => MatrixUser.register(homeserver.url, name);
  const open = async (name: string) => EncryptedUser.open(await register(name));
  const [alice, rita] = [await open('alice'), await open('rita')];
  const bot = await access.open(homeserver);
  const room = await alice.createEncryptedRoom();
  const adminRoom = await rita.createEncryptedRoom();
  await bot.join(room);
  await bot.join(adminRoom);
  const keyPrefix = uniquePrefix('egress-encrypted');
  const redis = { connection: redisAt(redisUrl), keyPrefix, partitions };
  const { signal } = new AbortController();
  const transport = await openTransport(
    { redis, payload: { key: undefined } },
    { name: 'egress', slot: 'test', log, signal },
  );
  const env = {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: redisUrl,
    KEY_PREFIX: keyPrefix,
    STREAM_PARTITIONS: String(partitions),
    MATRIX_HOMESERVER: homeserver.url,
    ...access.env,
    CRYPTO_STORE_KEY: randomBytes(32).toString('base64'),
    ADMIN_ROOM_ID: adminRoom,
    LOG_FORMAT: 'json',
    VAGENT_PARENT_PID: String(process.pid),
  };
  const processes: SystemProcess[] = [];
  const session = (thread?: string): string =>
    formatSessionId({ room, thread: thread ?? null, user: alice.userId });
  const ofBot = (events: readonly MatrixEvent[]): MatrixEvent[] =>
    events.filter(({ sender, state_key }) => sender === bot.userId && state_key === undefined);
  const streams = (name: 'dead' | 'outbound' | 'approvals'): string[] =>
    Array.from({ length: partitions }, (_, partition) => transport.keys.stream(partition, name));

  return {
    ...{ homeserver, alice, rita, bot, room, adminRoom, session, transport },
    egress: (name = 'egress-1', own = {}) => {
      const egress = new SystemProcess(name, 'egress', { ...env, SLOT: name, ...own });
      processes.push(egress);
      return egress;
    },
    hold: async (egress, own) => {
      await egress.start(own);
      const isHolding = async () => (await egress.metric('vagent_crypto_device_held')) > 0;
      await eventually(isHolding, { withinMs: 20_000, everyMs: 50 });
    },
    publish: (type, turn, body, where = session()) => publishTo(transport.publisher, where, type, turn, body),
    raw: async (where = room) => ofBot(await bot.timeline(where)),
    read: async () => ofBot(await alice.timeline(room)),
    isIdle: async () => {
      const counts = [...streams('outbound'), ...streams('approvals')].map(async (stream) => {
        if ((await transport.redis.exists(stream)) === 0) return true;
        // Redis' own shape: a list for each group.
        const groups = (await transport.redis.xinfo('GROUPS', stream)) as unknown[][];
        return (
          groups.length > 0 &&
          groups.every((group) => fieldOf(group, 'pending') === 0 && fieldOf(group, 'lag') === 0)
        );
      });
      return (await Promise.all(counts)).every(Boolean);
    },
    dead: async () => {
      const letters = await Promise.all(streams('dead').map((key) => transport.redis.xrange(key, '-', '+')));
      return letters.flat().map(([, fields]) => fields);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(processes.filter(({ isRunning }) => isRunning).map((one) => one.kill()));
      await transport.close();
      await homeserver.stop();
      await access.remove();
    },
  };
}

/** How the bot gets at its account. */
interface Access {
  readonly registrations: AppserviceRegistration[];
  readonly env: Environment;
  open(homeserver: Homeserver): Promise<MatrixUser>;
  remove(): Promise<void>;
}

const passwordAccess: Access = {
  registrations: [],
  env: { MATRIX_USER: 'bot', MATRIX_PASSWORD: 'pw-bot' },
  open: (homeserver) => MatrixUser.register(homeserver.url, 'bot'),
  remove: async () => undefined,
};

async function appserviceAccess(): Promise<Access> {
  const registration = toRegistration({
    id: 'vagent',
    url: null,
    as_token: randomBytes(16).toString('hex'),
    hs_token: randomBytes(16).toString('hex'),
    sender_localpart: 'bot',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: '@bot:.*' }] },
  });
  const folder = await mkdtemp(join(tmpdir(), 'vagent-egress-'));
  const file = join(folder, 'registration.yaml');
  await writeFile(file, stringify(registration));
  return {
    registrations: [registration],
    env: { MATRIX_MODE: 'appservice', MATRIX_APPSERVICE_REGISTRATION: file },
    open: async ({ url, serverName }) => {
      const user_id = `@bot:${serverName}`;
      return new MatrixUser(url, { user_id, access_token: registration.as_token, device_id: '' });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One field of Redis' flat answer. */
function fieldOf(group: readonly unknown[], name: string): unknown {
  return group[group.indexOf(name) + 1];
}

/** The partition whose egress carries this session. */
export const partitionOfSession = (session: string): number => partitionOf(session, partitions);

/** Session and index of the ratchet that an event is encrypted with (Megolm, "Message format"). */
export function ratchetOf({ content }: MatrixEvent): string {
  const bytes = Buffer.from(String(content['ciphertext']), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 0x08) throw new Error('Not a Megolm message');
  let index = 0;
  for (let at = 2, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    index += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return `${String(content['session_id'])}:${index}`;
  }
}

/** The text that an event shows, as an edit too. */
export function shownIn({ content }: MatrixEvent): string {
  const shown = content['m.new_content'] ?? content;
  return typeof shown === 'object' && shown !== null && 'body' in shown ? String(shown.body) : '';
}
