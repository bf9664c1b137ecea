import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { AppserviceRegistration } from '../../services/homeserver/appservice/registration.ts';
import type { LoggedRequest } from '../../services/homeserver/http/request-log.ts';
import type { Script } from '../../services/homeserver/http/scripts.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import type { HomeserverUnderTest } from './homeserver-under-test.ts';

const main = fileURLToPath(new URL('../../services/homeserver/main.ts', import.meta.url));

export interface HomeserverProcess extends HomeserverUnderTest {
  /** @throws where none runs. */
  readonly pid: () => number;
  readonly scriptToken: string;
  /** Plays a fault through `POST /_vagent/script`. */
  script(fault: Script): Promise<void>;
  /** The requests since the process started, oldest first. */
  requests(): Promise<LoggedRequest[]>;
  /** `kill -9`, then waits until the process is gone; the data stays. */
  kill(): Promise<void>;
  /** Starts again on the same port and data. */
  start(): Promise<void>;
}

/** The embedded homeserver as a process of its own, as `npm start` runs it, with data in a folder of its own. */
export async function startHomeserverProcess(
  options: { appservice?: AppserviceRegistration } = {},
): Promise<HomeserverProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-homeserver-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [scriptToken, registrationSecret] = [
    randomBytes(16).toString('hex'),
    randomBytes(16).toString('hex'),
  ];
  const registrationFile = join(folder, 'appservice.yaml');
  if (options.appservice !== undefined) await writeFile(registrationFile, stringify(options.appservice));
  const environment = {
    ...process.env,
    HOMESERVER_PORT: String(port),
    HOMESERVER_DATA: join(folder, 'data'),
    HOMESERVER_NAME: 'localhost',
    HOMESERVER_SCRIPT_TOKEN: scriptToken,
    HOMESERVER_REGISTRATION_SECRET: registrationSecret,
    MATRIX_APPSERVICE_REGISTRATION: options.appservice === undefined ? '' : registrationFile,
    LOG_LEVEL: 'warn',
  };
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill(signal);
    await exited;
  };
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
    await eventually(() => isUp(url, child), { withinMs: 20_000, what: 'the homeserver listens' });
  };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${scriptToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const server: HomeserverProcess = {
    url,
    serverName: 'localhost',
    registrationSecret,
    scriptToken,
    pid: () => {
      if (child?.pid === undefined) throw new Error('This homeserver does not run');
      return child.pid;
    },
    script: async (fault) => {
      await call('POST', '/_vagent/script', fault);
    },
    requests: async () => {
      // Written by the request log itself.
      const { requests } = (await call('GET', '/_vagent/requests')) as { requests: LoggedRequest[] };
      return requests;
    },
    kill: () => end('SIGKILL'),
    start,
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  try {
    await start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function isUp(url: string, child: ChildProcess | undefined): Promise<boolean> {
  if (child === undefined || child.exitCode !== null) throw new Error('The homeserver ended by itself');
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}
