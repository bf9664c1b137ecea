import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { backoffMs } from '#runtime/backoff-ms';
import type { RedisClient } from '#streams/redis-client';
import { redisErrorCode } from '#streams/script';
import { liveStreams, type Positions } from './cursor.ts';
import type { Page, RawEntry } from './merge-pages.ts';

/** A partition that is read: from where on, and who takes what was found. */
export interface Source {
  readonly positions: Positions;
  take(pages: readonly Page[]): void;
}

export interface ReaderDeps {
  readonly connect: () => RedisClient;
  readonly commands: RedisClient;
  readonly keys: Keys;
  readonly onReachable: (isReachable: boolean) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** A stream key as it was when a read began. */
interface Watched {
  readonly partition: number;
  readonly source: Source;
  readonly stream: number;
  readonly id: string;
}

const blockMs = 1_000;
/** Redis has answered by then, or does not answer. */
const patienceMs = blockMs + 2_000;
const pageSize = 200;
const unblockPauseMs = 2;
/** How long a key of another type is left alone before it is looked at again. */
const wrongTypeMs = 5_000;
const backoff = { baseMs: 100, maxMs: 2_000 };

/**
 * Reads the streams of any number of partitions over one connection that blocks. On Cluster all of them must share a
 * hash slot, thus be of one partition.
 */
export class StreamReader {
  readonly #deps: ReaderDeps;
  readonly #sources = new Map<number, Source>();
  readonly #skipped = new Map<string, number>();
  #client: RedisClient | undefined;
  #connectionId: number | undefined;
  #isOutdated = false;
  #isReading = false;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#isStopped = deps.signal.aborted;
    deps.signal.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** Reads it from its positions on, at once. */
  add(partition: number, source: Source): void {
    this.#sources.set(partition, source);
    this.#isOutdated = true;
    if (this.#isReading) void this.#unblock();
    else this.#running ??= this.#run();
  }

  remove(partition: number): void {
    this.#sources.delete(partition);
  }

  stop(): void {
    this.#isStopped = true;
    this.#client?.disconnect();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped && this.#sources.size > 0) {
      try {
        await this.#read();
        failures = 0;
      } catch (error) {
        if (this.#isStopped) break;
        if (await this.#hasSkipped(error)) continue;
        this.#deps.onReachable(false);
        failures += 1;
        this.#deps.log.warn({ err: error, failures }, 'The live streams cannot be read, trying again');
        await sleep(backoffMs(failures, backoff) + 20);
      }
    }
    this.#running = undefined;
  }

  async #read(): Promise<void> {
    const client = this.#connection();
    const watched = this.#watched();
    this.#isOutdated = false;
    if (watched.size === 0) {
      await sleep(wrongTypeMs / 10);
      return;
    }
    this.#isReading = true;
    const silence = setTimeout(() => this.#deps.onReachable(false), patienceMs);
    try {
      const from = [...watched.values()].map(({ id }) => id);
      const reply = await client.xread(
        'COUNT',
        pageSize,
        'BLOCK',
        blockMs,
        'STREAMS',
        ...watched.keys(),
        ...from,
      );
      this.#deps.onReachable(true);
      this.#hand(watched, reply ?? []);
    } finally {
      this.#isReading = false;
      clearTimeout(silence);
    }
  }

  #watched(): Map<string, Watched> {
    const watched = new Map<string, Watched>();
    const now = performance.now();
    for (const [partition, source] of this.#sources) {
      for (const [stream, name] of liveStreams.entries()) {
        const key = this.#deps.keys.stream(partition, name);
        if ((this.#skipped.get(key) ?? 0) > now) continue;
        watched.set(key, { partition, source, stream, id: source.positions[stream] ?? '0-0' });
      }
    }
    return watched;
  }

  #hand(
    watched: ReadonlyMap<string, Watched>,
    reply: readonly (readonly [key: string, entries: readonly RawEntry[]])[],
  ): void {
    const pages = new Map<Source, Page[]>();
    for (const [key, entries] of reply) {
      const place = watched.get(key);
      // Whoever came back since begins elsewhere.
      if (place === undefined || this.#sources.get(place.partition) !== place.source) continue;
      const page = { stream: place.stream, entries, isFull: entries.length >= pageSize };
      pages.set(place.source, [...(pages.get(place.source) ?? []), page]);
    }
    for (const [source, found] of pages) source.take(found);
  }

  /** A key of another type ends a read of all: it is left out until somebody has mended it. False where there is none. */
  async #hasSkipped(error: unknown): Promise<boolean> {
    if (redisErrorCode(error) !== 'WRONGTYPE') return false;
    let isFound = false;
    for (const key of this.#watched().keys()) {
      const type = await this.#deps.commands.type(key).catch(() => 'none');
      if (type === 'none' || type === 'stream') continue;
      if (!this.#skipped.has(key)) this.#deps.log.error({ key, type }, 'This key holds no stream');
      this.#skipped.set(key, performance.now() + wrongTypeMs);
      isFound = true;
    }
    return isFound;
  }

  #connection(): RedisClient {
    if (this.#client !== undefined) return this.#client;
    const client = this.#deps.connect();
    this.#client = client;
    client.on('close', () => {
      this.#connectionId = undefined;
      if (!this.#isStopped) this.#deps.onReachable(false);
    });
    client.on('ready', () => {
      this.#deps.onReachable(true);
      if (client instanceof Cluster) return;
      client.client('ID').then(
        (id) => {
          this.#connectionId = id;
        },
        // The connection was lost again; the next one has a number of its own.
        () => undefined,
      );
    });
    return client;
  }

  /** Ends a read that began without the newest sources. */
  async #unblock(): Promise<void> {
    try {
      while (this.#isOutdated && this.#isReading && !this.#isStopped) {
        const id = this.#connectionId;
        // 0: the read has not reached Redis yet; it came on another connection.
        if (id !== undefined && (await this.#deps.commands.client('UNBLOCK', id)) === 1) return;
        await sleep(unblockPauseMs);
      }
    } catch {
      // The read ends by itself soon, or fails for the same reason.
    }
  }
}
