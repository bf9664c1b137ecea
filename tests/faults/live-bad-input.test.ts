import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { handshakeStatus, type LiveClient, openLiveClient } from '../support/live-client.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

const session = '!room:localhost:main:@ana:localhost';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway(inject('redisUrl'));
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function opened(of: string | null = session, by = '@vera:localhost'): Promise<LiveClient> {
  const client = openLiveClient(gateway.url, of, await gateway.token(by, 'viewer'));
  await client.has('hello');
  return client;
}

/** Whoever behaves is served as before. */
async function expectAlive(): Promise<void> {
  await using client = await opened();
  client.send({ frame: 'ping' });
  await client.has('pong');
}

describe('bad input to live sockets', () => {
  it('closes with 1009 on a frame of 10 MB, before it was read', async () => {
    await using client = await opened();
    const before = process.memoryUsage().rss;
    client.ws.send(Buffer.alloc(10 * 1024 * 1024, 'x'));
    expect(await client.closed()).toBe(1009);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    await expectAlive();
  });

  it('closes with 1008 on what is no frame of the contract', async () => {
    const resume = (after: unknown) => JSON.stringify({ frame: 'resume', after });
    const broken = [
      '',
      '{',
      'null',
      '[]',
      '{"frame":"sing"}',
      '{"frame":"event"}',
      resume('*'),
      resume(['0-0,0-0,0-0']),
      resume(`${Date.now() + 86_400_000}-0,0-0,0-0`),
      resume('99999999999999999999-0,0-0,0-0'),
      '{"frame":"authorise","token":"x"}',
      `${'['.repeat(8_000)}`,
    ];
    for (const text of broken) {
      await using client = await opened();
      client.send(text);
      expect(await client.closed(), text).toBe(1008);
    }
    await using binary = await opened();
    binary.ws.send(Buffer.from([0xff, 0x00, 0xfe]));
    expect(await binary.closed()).toBe(1008);
    await using all = await opened(null);
    all.send(resume('0-0,0-0,0-0'));
    expect(await all.closed()).toBe(1008);
    await expectAlive();
  });

  it('closes with 1008 who sends more frames than anybody needs', async () => {
    await using client = await opened();
    for (let n = 0; n < 1_000; n++) client.send({ frame: 'ping' });
    expect(await client.closed()).toBe(1008);
    expect(client.frames.length).toBeLessThan(100);
    await expectAlive();
  });

  it('refuses paths that are none, broken escapes and the token in the query', async () => {
    const authorization = `Bearer ${await gateway.token('@vera:localhost', 'viewer')}`;
    expect(await handshakeStatus(gateway.url, '/', { authorization })).toBe(404);
    expect(await handshakeStatus(gateway.url, '/api/v1/livestock', { authorization })).toBe(404);
    expect(await handshakeStatus(gateway.url, '/api/v1/live/%E0%A4%A', { authorization })).toBe(400);
    for (const id of ['', '*', encodeURIComponent('!*:localhost:@ana:localhost')]) {
      expect(await handshakeStatus(gateway.url, `/api/v1/live/${id}`, { authorization })).toBe(400);
    }
    // Opened as by nobody: the query proves nothing, and is in no log.
    const secret = await gateway.token('@vera:localhost', 'viewer');
    const url = `${gateway.url}/api/v1/live/${encodeURIComponent(session)}?token=${secret}`;
    expect(await handshakeStatus(gateway.url, url.slice(gateway.url.length))).toBe(101);
    expect(gateway.lines.join('\n')).not.toContain(secret);
    await expectAlive();
  });

  it('ends when frames break the protocol: no mask, unknown operation, half a frame', async () => {
    const { port } = new URL(gateway.url);
    const token = await gateway.token('@vera:localhost', 'viewer');
    const handshake = [
      `GET /api/v1/live/${encodeURIComponent(session)} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Authorization: Bearer ${token}`,
      '\r\n',
    ].join('\r\n');
    for (const bytes of [
      [0x81, 0x01, 0x78],
      [0x8f, 0x80, 0, 0, 0, 0],
      [0xc1, 0x80, 0, 0, 0, 0],
    ]) {
      const socket = connect(Number(port), '127.0.0.1');
      let received = Buffer.alloc(0);
      let isClosed = false;
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
      });
      socket.on('close', () => {
        isClosed = true;
      });
      socket.write(handshake);
      await eventually(() => received.includes('hello'));
      socket.write(Buffer.from(bytes));
      await eventually(() => isClosed);
      // 1002, protocol error, in a close frame.
      expect(received.includes(Buffer.from([0x88, 0x02, 0x03, 0xea]))).toBe(true);
    }
    const half = connect(Number(port), '127.0.0.1');
    half.write(handshake);
    half.write(Buffer.from([0x81, 0xfe, 0x10]));
    half.destroy();
    await expectAlive();
  });

  it('keeps no place for sockets that have gone', async () => {
    for (let round = 0; round < 3; round++) {
      // Of another caller each: when the gateway hears of the end of the ones before is not promised.
      const by = (n: number) => `@vera${round}-${n}:localhost`;
      const clients = await Promise.all(Array.from({ length: 40 }, (_, n) => opened(session, by(n))));
      for (const { ws } of clients) ws.terminate();
    }
    await eventually(async () => {
      const text = await gateway.metrics.registry.getSingleMetricAsString('vagent_gateway_sockets');
      return / 0\b/.test(text);
    });
    await expectAlive();
  });
});
