import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Transport } from '#streams/open-transport';
import { CommandError } from '../../cli/errors.ts';
import { endProcess } from '../../up/end-process.ts';
import { createGatewayCallers } from '../gateway-callers.ts';
import { quantile } from '../median.ts';
import type { Result, Row } from '../row.ts';
import { sessionOfCaller } from '../socket-session.ts';
import { spawnService } from '../spawn-service.ts';

const wanted = 5_000;
const everyMs = 100;
const warmUp = 20;
const counted = 200;
const openWithinMs = 120_000;
/** Files that a process has open beside its sockets. */
const otherFiles = 200;

const report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), tookMs: z.number() }),
  z.object({ kind: z.literal('current') }),
  z.object({ kind: z.literal('event'), number: z.int(), tookMs: z.number() }),
  z.object({ kind: z.literal('closed'), code: z.int(), broken: z.int() }),
]);

export const socketsRow: Row = {
  name: 'sockets',
  measures:
    'a gateway process with 5,000 WebSockets of 5,000 callers, each on a session of its own, clients in another process: from before the XADD of a reply to its frame at the client, ten a second in all; and the resident memory of the gateway',
  run: async (bench) => {
    const secret = randomBytes(32).toString('hex');
    const prefix = bench.newPrefix();
    const { environment } = createGatewayCallers(secret);
    await using gateway = await spawnService('gateway', { ...bench.environment(prefix), ...environment });
    const idle = await residentMiB(gateway.pid);
    const sockets = Math.min(wanted, (await openFiles(gateway.pid)) - otherFiles);
    await using transport = await bench.transport(prefix);
    await using clients = await startClients(`ws://127.0.0.1:${gateway.port}`, secret, sockets);
    const connected = await residentMiB(gateway.pid);
    await talk(transport, sockets, clients.delays);
    const after = await residentMiB(gateway.pid);
    if (clients.broken() > 0) throw new CommandError(`${clients.broken()} sockets were closed meanwhile`);
    const delays = clients.delays.slice(warmUp);
    const line = (what: string, value: number, unit: string, goal?: number): Result => {
      const common = { what: `${sockets} sockets, ${what}`, comparedWith: '', value, unit };
      const shown = { ...common, ours: `${value.toFixed(value < 10 ? 1 : 0)}${unit}` };
      return goal === undefined ? shown : { ...shown, goal: { wants: 'below', goal } };
    };
    return [
      line('event to frame, p50', quantile(delays, 0.5), ' ms'),
      line('event to frame, p99', quantile(delays, 0.99), ' ms', 250),
      line('memory of the gateway', Math.max(connected, after), ' MiB', 500),
      line('memory before the first', idle, ' MiB'),
      line('opened a second', sockets / (clients.openMs / 1_000), '/s'),
    ];
  },
};

interface Clients extends AsyncDisposable {
  /** From XADD to frame, in milliseconds, in the order of the frames. */
  readonly delays: readonly number[];
  readonly openMs: number;
  broken(): number;
}

async function startClients(url: string, secret: string, sockets: number): Promise<Clients> {
  const program = fileURLToPath(new URL('../socket-clients.ts', import.meta.url));
  const child: ChildProcess = fork(program, [JSON.stringify({ url, secret, sockets })], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const delays: number[] = [];
  let broken = 0;
  let openMs = Number.NaN;
  const current = Promise.withResolvers<void>();
  child.on('message', (message) => {
    const told = report.parse(message);
    if (told.kind === 'event') delays.push(told.tookMs);
    else if (told.kind === 'open') openMs = told.tookMs;
    else if (told.kind === 'current') current.resolve();
    else broken = told.broken;
  });
  child.once('exit', (code) => current.reject(new CommandError(`The clients ended with ${code}`)));
  const end = async () => void (await endProcess(child, 5_000));
  const late = setTimeout(
    () => current.reject(new CommandError(`Not all sockets were open after ${openWithinMs} ms`)),
    openWithinMs,
  );
  try {
    await current.promise;
    return { delays, openMs, broken: () => broken, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** A reply every 100 ms, each to another session; resolves when all frames have arrived. */
async function talk({ publisher }: Transport, sockets: number, delays: readonly number[]): Promise<void> {
  const startedAt = performance.now();
  const total = warmUp + counted;
  for (let number = 0; number < total; number++) {
    await sleep(Math.max(0, startedAt + number * everyMs - performance.now()));
    const turn = `$turn-${number}`;
    const text = String(performance.timeOrigin + performance.now());
    await publisher.publish('outbound', {
      type: 'reply.finished',
      id: `${turn}#reply`,
      session: sessionOfCaller((number * 7_919) % sockets),
      turn,
      at: new Date().toISOString(),
      body: { reply: turn, text, replyTo: null, revision: 0 },
    });
  }
  const deadline = performance.now() + 10_000;
  while (delays.length < total) {
    if (performance.now() > deadline)
      throw new CommandError(`${total - delays.length} frames did not arrive`);
    await sleep(20);
  }
}

/** How many files the process may have open; many where the system does not say. */
async function openFiles(pid: number): Promise<number> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.MAX_SAFE_INTEGER : Number(soft);
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? Number.NaN : Number(kibibytes) / 1024;
}
