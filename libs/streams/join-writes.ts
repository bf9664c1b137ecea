import type { Socket } from 'node:net';
import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

/**
 * Commands that are given in one go leave in one write: on its own each costs a system call here and one in Redis,
 * which is more than most commands themselves. Nothing waits for it: the write follows when what runs now has run.
 * Each command stays a command of its own, with its own answer, retries and errors.
 */
export function joinWrites(client: RedisClient): void {
  if (client instanceof Cluster) {
    client.on('+node', (node: RedisClient) => joinWrites(node));
    return;
  }
  client.on('connect', () => {
    // ioredis keeps its socket to itself, and makes a new one for each connection.
    const { stream } = client as unknown as { readonly stream?: Socket };
    if (stream !== undefined) corkByTick(stream);
  });
}

function corkByTick(stream: Socket): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isHeld = false;
  const release = () => {
    isHeld = false;
    stream.uncork();
  };
  stream.write = (...args: unknown[]) => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      process.nextTick(release);
    }
    return write(...args);
  };
}
