import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '#runtime/read-config';
import { CommandError } from '../cli/errors.ts';
import { endProcess } from '../up/end-process.ts';
import { freePort } from '../up/free-port.ts';

export interface SpawnedService extends AsyncDisposable {
  readonly pid: number;
  /** Where it tells of its health. */
  readonly port: number;
  /** From the start of the process to its first `/ready`, in seconds. */
  readonly readySeconds: number;
}

const withinMs = 60_000;
/** As `vagent up` starts a service (scripts/vagent.mjs): what is compiled is kept for the next start. */
const launched = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url)),
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '65536',
};

/** Starts a service as a process of its own. @throws {CommandError} with what it wrote, when it does not get ready. */
export async function spawnService(
  role: 'ingress' | 'worker' | 'egress' | 'clock' | 'gateway',
  environment: Environment,
): Promise<SpawnedService> {
  const port = await freePort();
  const env = {
    ...environment,
    ...launched,
    // The gateway tells of its health where it answers everything else.
    [role === 'gateway' ? 'GATEWAY_PORT' : 'HEALTH_PORT']: String(port),
    VAGENT_PARENT_PID: String(process.pid),
  };
  const program = fileURLToPath(new URL(`../../services/${role}/main.ts`, import.meta.url));
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4_000);
    });
  }
  while (!(await isReady(port))) {
    if (child.exitCode !== null || performance.now() - startedAt > withinMs) {
      await endProcess(child, 1_000);
      throw new CommandError(`${role} does not get ready:\n${words}`);
    }
    await sleep(5);
  }
  return {
    pid: child.pid ?? 0,
    port,
    readySeconds: (performance.now() - startedAt) / 1000,
    [Symbol.asyncDispose]: async () => {
      await endProcess(child, 10_000);
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}
