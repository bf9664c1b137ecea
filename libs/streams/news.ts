import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './redis-client.ts';
import type { Signal } from './signal.ts';

const unblockPauseMs = 2;

interface Connection {
  readonly client: RedisClient;
  /** Redis' number of the connection, to unblock it; unknown until it is ready, and on Cluster. */
  id?: number;
}

/** Blocks on streams until one of them has news. It reads nothing for good: that is the fenced script's part. */
export class News {
  readonly #connect: () => RedisClient;
  readonly #commands: RedisClient;
  readonly #connections = new Map<string, Connection>();
  readonly #blockMs: number;

  constructor(connect: () => RedisClient, commands: RedisClient, blockMs = 1_000) {
    this.#connect = connect;
    this.#commands = commands;
    this.#blockMs = blockMs;
  }

  /**
   * The stream keys of `watched` (key -> id) with entries behind their id, or none after `blockMs`. Whenever
   * `changed` fires and `isOutdated` says so, it returns at once. On Cluster all keys must share a hash slot.
   */
  async wait(
    name: string,
    watched: ReadonlyMap<string, string>,
    changed: Signal,
    isOutdated: () => boolean,
  ): Promise<string[]> {
    const connection = this.#connection(name);
    let isOver = false;
    const reply = connection.client
      .xread('COUNT', 1, 'BLOCK', this.#blockMs, 'STREAMS', ...watched.keys(), ...watched.values())
      .finally(() => {
        isOver = true;
      });
    const unblocking = (async () => {
      while (!isOver) {
        const seen = changed.version;
        const { id } = connection;
        if (id === undefined || !isOutdated()) await changed.after(seen, this.#blockMs);
        // 0: the read has not reached Redis yet; it came on another connection.
        else if ((await this.#commands.client('UNBLOCK', id)) === 0) await sleep(unblockPauseMs);
        else return;
      }
    })();
    unblocking.catch(() => {
      // The read below fails for the same reason, or ends by itself after blockMs.
    });
    return ((await reply) ?? []).map(([key]) => key);
  }

  closeOne(name: string): void {
    this.#connections.get(name)?.client.disconnect();
    this.#connections.delete(name);
  }

  close(): void {
    for (const name of [...this.#connections.keys()]) this.closeOne(name);
  }

  #connection(name: string): Connection {
    const known = this.#connections.get(name);
    if (known !== undefined) return known;
    const opened: Connection = { client: this.#connect() };
    this.#connections.set(name, opened);
    if (!(opened.client instanceof Cluster)) keepId(opened, opened.client);
    return opened;
  }
}

/** Learns the connection's number each time it is made anew. */
function keepId(connection: Connection, client: Redis): void {
  const learn = () => {
    client.client('ID').then(
      (id) => {
        connection.id = id;
      },
      () => {
        delete connection.id;
      },
    );
  };
  if (client.status === 'ready') learn();
  client.on('ready', learn);
}
