import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSynapse, type SynapseInstall } from '../../scripts/setup/synapse.ts';
import type { AppserviceRegistration } from '../../services/homeserver/appservice/registration.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { writeSynapseConfig } from './synapse-config.ts';

export interface Synapse extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly serverName: string;
  /** For `MatrixUser.register` and `/_synapse/admin/v1/register`. */
  readonly registrationSecret: string;
  /** Ends the process and starts it again on the same port and database. */
  restart(): Promise<void>;
  /** Ends the process and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** This machine can have no Synapse; the message says why. Suites skip with it, CI fails with it. */
export class NoSynapseError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoSynapseError';
  }
}

type Runnable = Exclude<SynapseInstall, { kind: 'none' }>;

/**
 * Starts a real Synapse on loopback: a free port, fresh configuration and database, no rate limits. Rejects with
 * `NoSynapseError` where none can be had. The first call on a machine downloads it.
 */
export async function startSynapse(options: { appservice?: AppserviceRegistration } = {}): Promise<Synapse> {
  const install = await findSynapse((line) => process.stderr.write(`${line}\n`));
  if (install.kind === 'none') throw new NoSynapseError(install.reason);
  const port = await freePort();
  const registrationSecret = randomBytes(16).toString('hex');
  const { folder, seenAs } = await makeFolder(install);
  await writeSynapseConfig(folder, seenAs, { port, registrationSecret, ...options });
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    child = launch(install, folder, seenAs);
    await untilHealthy(port, child, folder);
  };
  const end = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGTERM');
    const forced = setTimeout(() => running.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(forced);
  };
  const synapse: Synapse = {
    url: `http://127.0.0.1:${port}`,
    port,
    serverName: 'localhost',
    registrationSecret,
    restart: async () => {
      await end();
      await start();
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => synapse.stop(),
  };
  try {
    await start();
  } catch (error) {
    await synapse.stop();
    throw error;
  }
  return synapse;
}

/** The folder of one run; `seenAs` is its path for Synapse, inside the chroot or the container. */
async function makeFolder(install: Runnable): Promise<{ folder: string; seenAs: string }> {
  if (install.kind === 'docker') {
    return { folder: await mkdtemp(join(tmpdir(), 'vagent-synapse-')), seenAs: '/data' };
  }
  const folder = await mkdtemp(join(install.folder, 'tmp', 'vagent-synapse-'));
  return { folder, seenAs: folder.slice(install.folder.length) };
}

function launch(install: Runnable, folder: string, seenAs: string): ChildProcess {
  const synapse = ['-m', 'synapse.app.homeserver', '-c', `${seenAs}/homeserver.yaml`];
  const log = openSync(join(folder, 'synapse.log'), 'a');
  const stdio: ['ignore', number, number] = ['ignore', log, log];
  try {
    // Both commands hand their signals on: chroot becomes Synapse, docker run proxies them.
    if (install.kind === 'chroot')
      return spawn('chroot', [install.folder, '/usr/bin/python3', ...synapse], { stdio });
    const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    const container = ['run', '--rm', '--network', 'host', '--user', user, '-v', `${folder}:${seenAs}`];
    return spawn('docker', [...container, '--entrypoint', 'python3', install.image, ...synapse], { stdio });
  } finally {
    closeSync(log);
  }
}

async function untilHealthy(port: number, child: ChildProcess, folder: string): Promise<void> {
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    await eventually(async () => ended() || (await isHealthy(port)), { withinMs: 120_000, everyMs: 50 });
    if (ended()) throw new Error('it ended by itself');
  } catch (cause) {
    const log = (await readFile(join(folder, 'synapse.log'), 'utf8')).slice(-3000);
    throw new Error(`Synapse did not start. Its log ends with:\n${log}`, { cause });
  }
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}
