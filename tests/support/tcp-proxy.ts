import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on nothing passes in either direction, though connections stay open and are taken. */
  freeze(): void;
  /** What was held back passes now, and everything after it. */
  thaw(): void;
  /** Ends all connections. */
  cut(): void;
  /**
   * Lets the next request that contains `marker` through, swallows the answer and ends that connection: the client
   * cannot know that it was carried out. Resolves when that has happened.
   */
  loseReplyTo(marker: string): Promise<void>;
  /** How many connections were opened so far. */
  opened(): number;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Set where the next answer gets lost. */
  onReply?: () => void;
}

/** A TCP proxy on loopback before `port`, to hurt a connection in the ways in which networks do. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const traps: { marker: string; onSprung: () => void }[] = [];
  let isFrozen = false;
  let opened = 0;

  const listener = createServer((client) => {
    opened += 1;
    const pair: Pair = { client, server: createConnection(port, '127.0.0.1') };
    pairs.add(pair);
    client.on('data', (chunk) => {
      const index = traps.findIndex(({ marker }) => chunk.includes(marker));
      const [trap] = index < 0 ? [] : traps.splice(index, 1);
      if (trap !== undefined) pair.onReply = trap.onSprung;
      pair.server.write(chunk);
    });
    pair.server.on('data', (chunk) => {
      if (pair.onReply === undefined) return void client.write(chunk);
      pair.onReply();
      end(pair);
    });
    for (const socket of [client, pair.server]) {
      if (isFrozen) socket.pause();
      // A cut connection is what this is for; both ends see it as `close`.
      socket.on('error', () => undefined);
      socket.on('close', () => end(pair));
    }
  });

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port');

  const proxy: TcpProxy = {
    url: `redis://127.0.0.1:${address.port}`,
    freeze: () => {
      isFrozen = true;
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.resume();
    },
    cut: () => {
      for (const pair of [...pairs]) end(pair);
    },
    loseReplyTo: (marker) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      traps.push({ marker, onSprung: resolve });
      return promise;
    },
    opened: () => opened,
    stop: async () => {
      proxy.cut();
      if (!listener.listening) return;
      listener.close();
      await once(listener, 'close');
    },
    [Symbol.asyncDispose]: () => proxy.stop(),
  };
  return proxy;
}
