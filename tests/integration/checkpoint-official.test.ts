import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { RedisModulesError } from '#checkpoint/errors';
import { openOfficialSaver } from '#checkpoint/official-saver';

describe('the official saver', () => {
  it('is refused on a server without its modules, naming them and the remedy but not the password', async () => {
    const url = new URL(inject('redisUrl'));
    const opening = openOfficialSaver({ url: url.href });
    await expect(opening).rejects.toThrow(RedisModulesError);
    await expect(opening).rejects.toThrow(/RedisJSON.*RediSearch.*Redis 8.*unset CHECKPOINTER/s);
    await expect(opening).rejects.toThrow(url.host);
  });

  it('is opened on a server that knows JSON.SET and FT.CREATE, and says which guarantee is lost', async () => {
    await using server = await startServer(['JSON.SET', 'FT.CREATE']);
    await using official = await openOfficialSaver({ url: server.url, ttlMs: 60_000 });
    expect(official.lostGuarantee).toMatch(/not by the commit/);
    expect(server.commands.filter((command) => command === 'FT.CREATE')).toHaveLength(3);
  });

  it('is refused where only one of the two is there', async () => {
    await using server = await startServer(['JSON.SET']);
    const opening = openOfficialSaver({ url: server.url });
    await expect(opening).rejects.toMatchObject({ missing: ['RediSearch (FT.CREATE)'] });
    expect(server.commands).not.toContain('FT.CREATE');
  });
});

/** Speaks just enough RESP to be asked which commands it knows; everything else is answered OK. */
async function startServer(known: readonly string[]) {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let parsed = parseCommand(pending); parsed !== undefined; parsed = parseCommand(pending)) {
        pending = pending.slice(parsed.length);
        commands.push((parsed.words[0] ?? '').toUpperCase());
        socket.write(answer(parsed.words, known));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { url: `redis://127.0.0.1:${port}`, commands, [Symbol.asyncDispose]: stop };
}

function parseCommand(text: string): { words: string[]; length: number } | undefined {
  const count = /^\*(\d+)\r\n/.exec(text);
  if (count === null) return undefined;
  let at = count[0].length;
  const words: string[] = [];
  for (let i = 0; i < Number(count[1]); i += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const start = at + size[0].length;
    at = start + Number(size[1]) + 2;
    if (text.length < at) return undefined;
    words.push(text.slice(start, at - 2));
  }
  return { words, length: at };
}

function answer([command = '', ...args]: readonly string[], known: readonly string[]): string {
  const name = command.toUpperCase();
  if (name === 'HELLO') return "-ERR unknown command 'HELLO'\r\n";
  if (name === 'INFO') return '$18\r\nredis_version:8.0\n\r\n';
  if (name !== 'COMMAND') return '+OK\r\n';
  const infos = args.slice(1).map((asked) => {
    const isKnown = known.includes(asked.toUpperCase());
    return isKnown ? `*6\r\n$${asked.length}\r\n${asked}\r\n:-4\r\n*0\r\n:1\r\n:1\r\n:1\r\n` : '*-1\r\n';
  });
  return `*${infos.length}\r\n${infos.join('')}`;
}
