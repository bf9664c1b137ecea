import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { createKeys, type Keys } from '#contract/keys';
import { createPayloadCipher } from '#runtime/create-payload-cipher';
import {
  type AppserviceRegistration,
  toRegistration,
} from '../../services/homeserver/appservice/registration.ts';
import { freePort } from './free-port.ts';
import { gatewayAccess } from './gateway-access.ts';
import {
  type HomeserverUnderTest,
  type StartHomeserver,
  startEmbeddedHomeserver,
} from './homeserver-under-test.ts';
import { MatrixUser } from './matrix-user.ts';
import { type Ending, type Environment, type ServiceName, SystemProcess } from './system-process.ts';
import { SystemRooms, type TrackedRoom } from './system-rooms.ts';
import { uniquePrefix } from './unique-prefix.ts';

export interface SystemOptions {
  readonly redisUrl: string;
  /** One that runs already, and goes on when the system has ended. Not with `mode: 'appservice'`. */
  readonly homeserver?: HomeserverUnderTest;
  /** Else one of its own. Default: the embedded one in this process. */
  readonly startHomeserver?: StartHomeserver;
  readonly mode?: 'sync' | 'appservice';
  /** As an appservice: whether agents speak as users of their own; default no. */
  readonly ghosts?: boolean;
  /** How many replicas of each service run; default 1, and no gateway (`gateway-1`). */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** For every service, over the defaults. */
  readonly env?: Environment;
  /** For all replicas of one service, over `env`. */
  readonly serviceEnv?: Partial<Record<ServiceName, Environment>>;
  /** For single processes by name, in their first life only, e.g. `{ 'worker-1': { FAILPOINT: … } }`. */
  readonly firstEnv?: Readonly<Record<string, Environment>>;
  readonly partitions?: number;
  /** Gives people a client that encrypts: then all rooms are encrypted, and vagent holds keys. */
  readonly clientFor?: (user: MatrixUser) => Promise<MatrixUser>;
}

/** A whole vagent as real processes, with its people and rooms. */
export interface System extends AsyncDisposable {
  readonly homeserver: HomeserverUnderTest;
  readonly botId: string;
  readonly adminRoom: string;
  /** rita, ron and ruth; all three are in the admin room. */
  readonly reviewers: readonly [MatrixUser, MatrixUser, MatrixUser];
  readonly rooms: readonly TrackedRoom[];
  /** To look at what the services wrote. */
  readonly redis: Redis;
  readonly keys: Keys;
  readonly partitions: number;
  user(name: string): Promise<MatrixUser>;
  /** A direct room of this person and the bot. */
  direct(user: MatrixUser): Promise<string>;
  /** A room of several people and the bot. */
  group(...users: MatrixUser[]): Promise<string>;
  /** A direct room that the bot's own ingress has joined. */
  invite(user: MatrixUser): Promise<string>;
  /** e.g. `worker-1`. */
  process(name: string): SystemProcess;
  processes(service?: ServiceName): readonly SystemProcess[];
  /** Starts processes that are not running and waits until they are ready. */
  start(names: readonly string[], env?: Environment): Promise<void>;
  /** SIGTERM, then a new life. */
  restart(name: string, env?: Environment): Promise<Ending>;
  /** Reads what a service has sealed with `PAYLOAD_KEY`. */
  openBody(sealed: string): string;
  /** What all processes logged. */
  logs(): string;
}

const people = ['rita', 'ron', 'ruth'] as const;
const appserviceBot = 'vagent';

/** Starts a homeserver, accounts, an admin room and all services, and waits until they are ready. */
export async function startSystem(options: SystemOptions): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const isAppservice = options.mode === 'appservice';
  const appservicePort = await freePort();
  const registration = isAppservice ? botRegistration(appservicePort, options.ghosts) : undefined;
  const homeserver = options.homeserver ?? stack.use(await openHomeserver(options, registration));
  // Several systems may live on one homeserver.
  const tag = randomBytes(3).toString('hex');
  const botName = `vagent-${tag}`;
  const bot = await openBot(homeserver, botName, registration);
  const rooms = new SystemRooms(homeserver, bot, tag, options.clientFor);
  const [rita, ron, ruth] = await Promise.all(people.map((name) => rooms.user(name)));
  if (rita === undefined || ron === undefined || ruth === undefined) throw new Error('three reviewers');
  const adminRoom = await rooms.open('admin', [rita, ron, ruth]);

  const keyPrefix = uniquePrefix('system');
  const partitions = options.partitions ?? 4;
  const env = {
    ...inherited(),
    REDIS_URL: options.redisUrl,
    KEY_PREFIX: keyPrefix,
    STREAM_PARTITIONS: String(partitions),
    MATRIX_HOMESERVER: homeserver.url,
    ...(registration === undefined
      ? { MATRIX_USER: botName, MATRIX_PASSWORD: `pw-${botName}` }
      : await appserviceAccess(stack, registration, appservicePort)),
    ADMIN_ROOM_ID: adminRoom,
    REVIEWERS: [rita, ron, ruth].map(({ userId }) => userId).join(','),
    ALLOWED_ROOMS: '*',
    ALLOWED_INVITERS: '*',
    MODEL_PROVIDER: 'offline',
    LEASE_MS: '1000',
    // Tests of other things send as fast as they can.
    USER_MESSAGES_PER_MINUTE: '0',
    ROOM_MESSAGES_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
    VAGENT_PARENT_PID: String(process.pid),
    ...(options.clientFor === undefined ? {} : { CRYPTO_STORE_KEY: randomBytes(32).toString('base64') }),
    ...options.env,
  };
  const redis = new Redis(options.redisUrl);
  redis.on('error', () => undefined);
  stack.defer(() => redis.disconnect());
  const processes = createProcesses(options, env);
  stack.defer(() => endAll([...processes.values()]));
  const processOf = (name: string): SystemProcess => {
    const found = processes.get(name);
    if (found === undefined) throw new Error(`There is no ${name}: ${[...processes.keys()].join(', ')}`);
    return found;
  };
  const start = async (names: readonly string[], own: Environment = {}): Promise<void> => {
    await Promise.all(names.map((name) => processOf(name).start(own)));
    await Promise.all(names.map((name) => processOf(name).ready()));
  };
  await Promise.all([...processes.keys()].map((name) => start([name], options.firstEnv?.[name])));
  const cipher = createPayloadCipher(options.env?.['PAYLOAD_KEY']);
  const resources = stack.move();
  return {
    homeserver,
    botId: bot.userId,
    adminRoom,
    reviewers: [rita, ron, ruth],
    rooms: rooms.all,
    redis,
    keys: createKeys(keyPrefix),
    partitions,
    user: (name) => rooms.user(name),
    direct: (user) => rooms.open('direct', [user]),
    group: (...users) => rooms.open('group', users),
    invite: (user) => rooms.invite(user),
    process: processOf,
    processes: (service) =>
      [...processes.values()].filter((one) => service === undefined || one.service === service),
    start,
    restart: async (name, own) => {
      const ending = await processOf(name).kill('SIGTERM');
      await start([name], own);
      return ending;
    },
    openBody: (sealed) => cipher.open(sealed, 'entry body'),
    logs: () => [...processes.values()].map(({ log }) => log).join('\n'),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What a process needs of the system; nothing of ours may leak in from the shell that runs the tests. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function botRegistration(port: number, hasGhosts = false): AppserviceRegistration {
  const ghosts = hasGhosts ? [{ exclusive: true, regex: '@_vagent_.*:.*' }] : [];
  return toRegistration({
    id: 'vagent',
    url: `http://127.0.0.1:${port}`,
    as_token: randomBytes(16).toString('hex'),
    hs_token: randomBytes(16).toString('hex'),
    // Synapse lets a sender read no /sync, which a crypto device needs: the bot is another user.
    sender_localpart: 'vagent-appservice',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: `@${appserviceBot}:.*` }, ...ghosts] },
  });
}

function openHomeserver(
  { startHomeserver = startEmbeddedHomeserver }: SystemOptions,
  registration: AppserviceRegistration | undefined,
): Promise<HomeserverUnderTest> {
  return startHomeserver(registration === undefined ? {} : { appservice: registration });
}

/** The bot as the test sees it, to join rooms at once. */
async function openBot(
  homeserver: HomeserverUnderTest,
  name: string,
  registration: AppserviceRegistration | undefined,
): Promise<MatrixUser> {
  if (registration === undefined) return MatrixUser.register(homeserver.url, name, homeserver);
  return MatrixUser.ofAppservice(homeserver.url, appserviceBot, registration.as_token);
}

async function appserviceAccess(
  stack: AsyncDisposableStack,
  registration: AppserviceRegistration,
  port: number,
): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-system-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'registration.yaml');
  await writeFile(file, stringify(registration));
  return {
    MATRIX_MODE: 'appservice',
    MATRIX_USER: appserviceBot,
    MATRIX_APPSERVICE_REGISTRATION: file,
    APPSERVICE_PORT: String(port),
  };
}

function createProcesses(options: SystemOptions, env: Environment): Map<string, SystemProcess> {
  const services: ServiceName[] = ['ingress', 'worker', 'egress', 'clock', 'gateway'];
  const named = services.flatMap((service) =>
    Array.from({ length: options.replicas?.[service] ?? (service === 'gateway' ? 0 : 1) }, (_, index) => ({
      service,
      name: `${service}-${index + 1}`,
    })),
  );
  return new Map(
    named.map(({ service, name }) => {
      const access = service === 'gateway' ? gatewayAccess : {};
      const own = { ...env, ...access, SLOT: name, ...options.serviceEnv?.[service] };
      return [name, new SystemProcess(name, service, own)];
    }),
  );
}

/** Ends every process, and makes sure that it is gone. */
async function endAll(processes: readonly SystemProcess[]): Promise<void> {
  const running = processes.filter(({ isRunning }) => isRunning);
  const endings = running.map(async (one) => {
    one.thaw();
    const forced = setTimeout(() => void one.kill('SIGKILL'), 10_000);
    await one.kill('SIGTERM');
    clearTimeout(forced);
  });
  await Promise.all(endings);
  const left = processes.filter(({ isRunning }) => isRunning);
  if (left.length > 0) throw new Error(`Still running: ${left.map(({ name }) => name).join(', ')}`);
}
