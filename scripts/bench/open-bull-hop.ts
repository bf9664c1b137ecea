import { type ConnectionOptions, Queue, Worker } from 'bullmq';
import type { Bench } from './bench.ts';
import { messageOf, sessionOf } from './message-of.ts';
import type { Hop } from './open-hop.ts';

type Message = ReturnType<typeof messageOf>;

/** The same with BullMQ: a job in, and a job out that its processor adds. */
export async function openBullHop(
  bench: Bench,
  inFlight: number,
  work: (text: string) => Promise<string>,
): Promise<Hop> {
  const prefix = bench.newPrefix();
  const { hostname, port, password } = new URL(bench.redisUrl);
  const connection: ConnectionOptions = {
    host: hostname,
    port: Number(port),
    password,
    maxRetriesPerRequest: null,
  };
  const defaultJobOptions = { removeOnComplete: true };
  const queue = new Queue<Message>('in', { connection, prefix, defaultJobOptions });
  const outputs = new Queue<Message>('out', { connection, prefix });
  const failed = Promise.withResolvers<never>();
  // Told by `pass`.
  failed.promise.catch(() => undefined);
  const ends = new Map<string, () => void>();
  const worker = new Worker<Message>(
    'in',
    async ({ data }) => {
      const text = await work(data.body.text);
      await outputs.add('reply', { ...data, body: { ...data.body, text } });
    },
    { connection, prefix, concurrency: inFlight },
  );
  worker.on('completed', ({ data }) => ends.get(data.id)?.());
  worker.on('failed', (_, error) => failed.reject(error));
  worker.on('error', failed.reject);
  await worker.waitUntilReady();
  return {
    pass: async (number) => {
      const message = messageOf(number, sessionOf(number % inFlight));
      const ended = Promise.withResolvers<void>();
      ends.set(message.id, ended.resolve);
      await queue.add('message', message);
      await Promise.race([ended.promise, failed.promise]);
      ends.delete(message.id);
    },
    [Symbol.asyncDispose]: async () => {
      await worker.close();
      await Promise.all([queue.close(), outputs.close()]);
    },
  };
}
