import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { joinWrites } from './join-writes.ts';
import type { RedisClient } from './redis-client.ts';

/** A socket that keeps what each write to the system carried. */
class Kept extends Writable {
  readonly sent: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.sent.push(chunk.toString());
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.sent.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
    done();
  }
}

function connected(stream = new Kept()) {
  const client = Object.assign(new EventEmitter(), { stream });
  // Of the client only its event and its socket are used.
  joinWrites(client as unknown as RedisClient);
  client.emit('connect');
  return { client, stream };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('joined writes', () => {
  it('leave together and in order, texts and bytes alike', async () => {
    const { stream } = connected();
    stream.write('a');
    stream.write(Buffer.from('b'));
    await Promise.resolve();
    stream.write('c');
    expect(stream.sent).toEqual([]);
    await soon();
    expect(stream.sent).toEqual(['abc']);
  });

  it('wait for nothing but what runs now: the next go is another write', async () => {
    const { stream } = connected();
    stream.write('a');
    await soon();
    stream.write('b');
    stream.write('c');
    await soon();
    expect(stream.sent).toEqual(['a', 'bc']);
  });

  it('leave before the end of a socket that is closed in the same go', async () => {
    const { stream } = connected();
    stream.write('a');
    stream.write('b');
    stream.end();
    await once(stream, 'finish');
    expect(stream.sent).toEqual(['ab']);
  });

  it('go on over the socket of the next connection', async () => {
    const { client } = connected();
    const next = new Kept();
    client.stream = next;
    client.emit('connect');
    next.write('a');
    next.write('b');
    await soon();
    expect(next.sent).toEqual(['ab']);
  });

  it('are those of a real client: what is asked in one go is one write, and each gets its own answer', async () => {
    const server = createServer((socket) => {
      // Answers each command with its last argument.
      socket.on('data', (chunk) => {
        for (const one of chunk.toString().split(/^\*/m).slice(1))
          socket.write(`+${one.trim().split('\r\n').at(-1)}\r\n`);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new Redis(port, '127.0.0.1', { enableReadyCheck: false, disableClientInfo: true });
    joinWrites(client);
    await once(client, 'ready');
    const { stream } = client as unknown as { stream: Writable & { writableCorked: number } };
    const answers = [client.get('a'), client.get('b'), client.get('c')];
    expect(stream.writableCorked).toBe(1);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(stream.writableCorked).toBe(0);
    client.disconnect();
    server.close();
  });
});
