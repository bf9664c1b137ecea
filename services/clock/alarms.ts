import { createHash } from 'node:crypto';
import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import { z } from 'zod';
import type { RedisClient } from '#streams/redis-client';

const alarm = z.object({ partition: z.int().nonnegative(), timer: z.string() });
/** Which timer a job is for; all else stands in the timer's record. */
export type Alarm = z.infer<typeof alarm>;

export interface AlarmsOptions {
  /** Opens a connection for commands that wait; BullMQ needs several. */
  readonly connect: () => RedisClient;
  readonly prefix: string;
  /** The timer may be due. Returns how many ms it still has, or 0 when there is no more to do. */
  readonly onAlarm: (alarm: Alarm) => Promise<number>;
  readonly onError: (error: Error) => void;
}

const queueName = 'timers';
const defaults = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: { count: 100, age: 24 * 60 * 60 },
} as const;
const concurrency = 16;

/** The job of a timer: its id follows from the timer and its due time, so that adding it again adds nothing. */
export function jobIdOf({ partition, timer }: Alarm, dueAt: number): string {
  const text = JSON.stringify([partition, timer, dueAt]);
  return `timer-${createHash('sha256').update(text).digest('hex')}`;
}

/** BullMQ's delayed jobs: they wake us when a timer may be due. Nothing is lost with them. */
export class Alarms implements AsyncDisposable {
  readonly #connections: RedisClient[] = [];
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #options: AlarmsOptions;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    const { prefix } = options;
    this.#queue = new Queue(queueName, { connection: this.#connect(), prefix, defaultJobOptions: defaults });
    const worker = { connection: this.#connect(), prefix, concurrency, autorun: false };
    this.#worker = new Worker(queueName, (job, token) => this.#ring(job, token), worker);
    this.#queue.on('error', options.onError);
    this.#worker.on('error', options.onError);
    this.#worker.on('failed', (_job, error) => options.onError(error));
  }

  async start(): Promise<void> {
    await Promise.all([this.#queue.waitUntilReady(), this.#worker.waitUntilReady()]);
    this.#worker.run().catch(this.#options.onError);
  }

  /** Adds the timer's job, unless it is there. */
  async set(timer: Alarm, dueAt: number, inMs: number): Promise<void> {
    await this.#queue.add('timer', timer, {
      jobId: jobIdOf(timer, dueAt),
      delay: Math.max(0, Math.ceil(inMs)),
    });
  }

  /** Removes the timer's job; one that is ringing finds its timer gone. */
  async cancel(timer: Alarm, dueAt: number): Promise<void> {
    await this.#queue.remove(jobIdOf(timer, dueAt));
  }

  /** Key of the job's own hash, by which one sees whether it is there. */
  keyOf(timer: Alarm, dueAt: number): string {
    return this.#queue.toKey(jobIdOf(timer, dueAt));
  }

  /** Lets ringing alarms finish; idempotent. */
  async stop(): Promise<void> {
    await this.#worker.close();
    await this.#queue.close();
    for (const connection of this.#connections.splice(0)) connection.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ring(job: Job, token: string | undefined): Promise<void> {
    const leftMs = await this.#options.onAlarm(alarm.parse(job.data));
    if (leftMs <= 0) return;
    // BullMQ goes by this host's clock, which runs ahead of Redis': wait again for what is really left.
    await job.moveToDelayed(Date.now() + leftMs, token);
    throw new DelayedError();
  }

  #connect(): RedisClient {
    const connection = this.#options.connect();
    this.#connections.push(connection);
    return connection;
  }
}
