import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeKeyPart } from '#checkpoint/key-part';
import { threadKeys } from '#checkpoint/thread-keys';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import type { Bench } from '../bench.ts';
import { median } from '../median.ts';
import { sessionOf } from '../message-of.ts';
import { publishBacklog } from '../publish-backlog.ts';
import { publishVaried } from '../publish-varied.ts';
import type { Row } from '../row.ts';
import { spawnService } from '../spawn-service.ts';
import { startWorker } from '../start-worker.ts';

const sessions = 100;
/** An idle process gives back what it holds for new objects: it looks each second, and V8 takes ten of them. */
const settleMs = 30_000;
/** As many as a worker takes in a few busy seconds. */
const burst = 2_000;

export const memoryRow: Row = {
  name: 'memory',
  measures:
    'resident memory of a worker process that has had nothing to do for 30 s, after its start and again after 2,000 turns; and what Redis says (MEMORY USAGE) of all keys of a session after some turns with questions that differ, and of the accounts of its turns, which are kept for 7 days; without the streams and the ledger of facts',
  run: async (bench) => {
    const prefix = bench.newPrefix();
    await using transport = await bench.transport(prefix);
    const worker = await startWorker(bench, transport, sessions);
    const few = await bytesAfter(transport, worker, 0, 3);
    const many = await bytesAfter(transport, worker, 3, 33);
    await worker.stop();
    const { idle, later } = await idleMiB(bench);
    return [
      {
        what: 'idle worker',
        ours: `${idle.toFixed(0)} MiB`,
        comparedWith: '',
        value: idle,
        unit: ' MiB',
        goal: { wants: 'below', goal: 150 },
      },
      {
        what: `idle worker after ${burst} turns`,
        ours: `${later.toFixed(0)} MiB`,
        comparedWith: '',
        value: later,
        unit: ' MiB',
      },
      {
        what: 'idle session in Redis, 3 turns',
        ours: `${few.session.toFixed(0)} bytes`,
        comparedWith: '',
        value: few.session / 1024,
        unit: ' KiB',
        goal: { wants: 'below', goal: 4 },
      },
      {
        what: 'idle session in Redis, 33 turns',
        ours: `${many.session.toFixed(0)} bytes`,
        comparedWith: '',
        value: many.session / 1024,
        unit: ' KiB',
      },
      {
        what: 'account of a turn in Redis',
        ours: `${(many.accounts / 33).toFixed(0)} bytes`,
        comparedWith: '',
        value: many.accounts / 33 / 1024,
        unit: ' KiB',
      },
    ];
  },
};

/** The medians of what a session takes, and of the accounts of its turns. */
async function bytesAfter(
  transport: Transport,
  worker: Awaited<ReturnType<typeof startWorker>>,
  from: number,
  to: number,
): Promise<{ session: number; accounts: number }> {
  await publishVaried(transport, { from, to }, sessions);
  await worker.committed(to * sessions);
  const { redis, keys, partitions } = transport;
  const sizeOf = async (key: string) => Number(await redis.memory('USAGE', key, 'SAMPLES', 0));
  const sizes = Array.from({ length: sessions }, async (_, number) => {
    const session = sessionOf(number);
    const partition = partitionOf(session, partitions);
    const { data, index } = threadKeys(keys.thread(partition, encodeKeyPart(session)));
    const used = [data, index, keys.session(partition, session)].map(sizeOf);
    const list = keys.sessions(partition);
    const share = (await sizeOf(list)) / (await redis.zcard(list));
    const accounts = await sizeOf(keys.turns(partition, session));
    return { session: (await Promise.all(used)).reduce((sum, bytes) => sum + bytes, share), accounts };
  });
  const found = await Promise.all(sizes);
  return {
    session: median(found.map(({ session }) => session)),
    accounts: median(found.map(({ accounts }) => accounts)),
  };
}

async function idleMiB(bench: Bench): Promise<{ readonly idle: number; readonly later: number }> {
  const prefix = bench.newPrefix();
  await using transport = await bench.transport(prefix);
  await using worker = await spawnService('worker', bench.environment(prefix));
  await sleep(settleMs);
  const idle = await residentMiB(worker.pid);
  await publishBacklog(transport, burst, sessions);
  for (let partition = 0; partition < transport.partitions; partition++) {
    while ((await transport.redis.hlen(transport.keys.accepted(partition))) > 0) await sleep(50);
  }
  await sleep(settleMs);
  return { idle, later: await residentMiB(worker.pid) };
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? Number.NaN : Number(kibibytes) / 1024;
}
