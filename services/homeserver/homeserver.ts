import pino, { type Logger } from 'pino';
import { userExists } from './accounts/accounts.ts';
import { AppserviceSender } from './appservice/sender.ts';
import { type HomeserverConfig, type ResolvedConfig, resolveConfig } from './config.ts';
import type { Context } from './context.ts';
import { Database } from './database.ts';
import { HomeserverConfigError } from './errors.ts';
import { type LoggedRequest, RequestLog } from './http/request-log.ts';
import { scriptRoutes } from './http/script-routes.ts';
import { parseScript, type Script, Scripts } from './http/scripts.ts';
import { buildServer } from './http/server.ts';
import { TransactionMemory } from './rooms/transaction-memory.ts';
import { allRoutes } from './routes.ts';
import { Notifier } from './sync/notifier.ts';
import { Typing } from './sync/typing.ts';

export interface HomeserverDeps {
  log?: Logger;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface Homeserver extends AsyncDisposable {
  /** Base URL without a slash at the end; only once started. */
  readonly url: string;
  readonly serverName: string;
  start(): Promise<void>;
  /** Ends every request and delivery and closes the database. Idempotent. */
  stop(): Promise<void>;
  /** Plays a fault; see `Script`. Resolves when it is set up, or done when it acts at once. */
  script(fault: Script): Promise<void>;
  /** The last requests, oldest first. */
  requests(): readonly LoggedRequest[];
}

/**
 * The embedded development homeserver: a Matrix client-server API on loopback that behaves as Synapse 1.160 does
 * towards clients and appservices. Not for anything but development and tests: no federation, no push, no URL previews.
 */
export function createHomeserver(config: HomeserverConfig = {}, deps: HomeserverDeps = {}): Homeserver {
  const resolved = resolveConfig(config);
  let running:
    | { url: string; stop: () => Promise<void>; script: (fault: Script) => Promise<void> }
    | undefined;
  const requestLog = new RequestLog();

  const homeserver: Homeserver = {
    serverName: resolved.serverName,
    get url() {
      if (running === undefined)
        throw new HomeserverConfigError('The homeserver is not started: call start() first.');
      return running.url;
    },
    start: async () => {
      running ??= await run(resolved, deps, requestLog);
    },
    stop: async () => {
      const stopping = running;
      running = undefined;
      await stopping?.stop();
    },
    script: async (fault) => {
      if (running === undefined)
        throw new HomeserverConfigError('The homeserver is not started: call start() first.');
      await running.script(fault);
    },
    requests: () => requestLog.all(),
    [Symbol.asyncDispose]: () => homeserver.stop(),
  };
  return homeserver;
}

async function run(
  config: ResolvedConfig,
  deps: HomeserverDeps,
  requestLog: RequestLog,
): Promise<{ url: string; stop: () => Promise<void>; script: (fault: Script) => Promise<void> }> {
  const context = buildContext(config, deps, requestLog);
  createAppserviceUsers(context);
  const stopping = new AbortController();
  const cutConnections = (): void => server.server.closeAllConnections();
  const script = (fault: Script): Promise<void> => play(context, fault, cutConnections);
  const routes = [...allRoutes(), ...scriptRoutes(config, script)];
  const server = buildServer(context, routes, stopping.signal);
  await server.listen({ host: config.host, port: config.port });
  context.appservices.kick();
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no address');
  const stop = async (): Promise<void> => {
    stopping.abort();
    context.scripts.clear();
    context.notifier.wakeAll();
    await context.appservices.stop();
    await server.close();
    // Last: who began to type while it stopped must not stop typing in a database that is closed.
    context.typing.forget();
    context.database.close();
  };
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${address.port}`, stop, script };
}

function buildContext(config: ResolvedConfig, deps: HomeserverDeps, requestLog: RequestLog): Context {
  const now = deps.now ?? Date.now;
  const context: Context = {
    config,
    database: new Database(config.dataDir),
    notifier: new Notifier(),
    typing: new Typing(),
    transactionMemory: new TransactionMemory(now),
    appservices: new AppserviceSender(config.appservices, () => context),
    scripts: new Scripts(),
    requestLog,
    log: deps.log ?? pino({ enabled: false }),
    now,
  };
  return context;
}

/** An appservice's sender exists from the start, as in Synapse. */
function createAppserviceUsers(context: Context): void {
  for (const { id, sender_localpart } of context.config.appservices) {
    const userId = `@${sender_localpart}:${context.config.serverName}`;
    if (userExists(context, userId)) continue;
    context.database.run(
      'INSERT INTO users (user_id, displayname, appservice, admin, created_ts) VALUES (?, ?, ?, 0, ?)',
      userId,
      sender_localpart,
      id,
      context.now(),
    );
  }
}

async function play(context: Context, given: Script, cutConnections: () => void): Promise<void> {
  const fault = parseScript(given);
  switch (fault.action) {
    case 'clear':
      return context.scripts.clear();
    case 'restart':
      context.transactionMemory.forget();
      context.typing.forget();
      context.appservices.restart();
      return cutConnections();
    case 'resend-transaction': {
      const isResent = await context.appservices.resendLast(fault.appservice);
      if (!isResent) throw new Error(`Appservice ${fault.appservice} did not take a transaction again`);
      return;
    }
    default:
      return context.scripts.add(fault);
  }
}
