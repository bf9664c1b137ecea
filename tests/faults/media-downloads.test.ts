import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { downloadMedia } from '#matrix/media/download-media';
import { uploadMedia } from '#matrix/media/upload-media';
import { startMediaServer } from './media-server.ts';

const uri = 'mxc://example.org/abc';
const path = '/_matrix/client/v1/media/download/example.org/abc';
const oldPath = '/_matrix/media/v3/download/example.org/abc';
const options = { maxBytes: 1_000, timeoutMs: 1_000 };

function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

describe('downloadMedia', () => {
  it('fetches bytes from the own homeserver, with the token, whatever type it says they have', async () => {
    const bytes = Buffer.from([0, 1, 2, 255, 254]);
    let token: string | undefined;
    await using server = await startMediaServer((request, response) => {
      token = request.headers.authorization;
      response.writeHead(200, { 'content-type': 'application/json' }).end(bytes);
    });
    expect(await downloadMedia(server.request, uri, options)).toEqual({ ok: true, bytes });
    expect(server.asked).toEqual([path]);
    expect(token).toBe('Bearer secret-token');
  });

  it('takes a JSON file that looks like an error for what it is: a file', async () => {
    const file = JSON.stringify({ errcode: 'M_FORBIDDEN' });
    await using server = await startMediaServer((_, response) => response.end(file));
    expect(await downloadMedia(server.request, uri, options)).toEqual({ ok: true, bytes: Buffer.from(file) });
  });

  it('asks in the old way where the homeserver does not know authenticated media', async () => {
    await using server = await startMediaServer((request, response) => {
      if (request.url === oldPath) response.end('old');
      else json(response, 404, { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' });
    });
    expect(await downloadMedia(server.request, uri, options)).toEqual({
      ok: true,
      bytes: Buffer.from('old'),
    });
    expect(server.asked).toEqual([path, oldPath]);
  });

  it.each([
    'https://evil.example/x',
    'mxc://example.org/../../../etc/passwd',
    'mxc://evil.example@example.org/x',
    'mxc://example.org/a?b',
  ])('T14: asks nobody for %s', async (hostile) => {
    await using server = await startMediaServer((_, response) => response.end('x'));
    expect(await downloadMedia(server.request, hostile, options)).toEqual({
      ok: false,
      reason: 'unreachable',
    });
    expect(server.asked).toEqual([]);
  });

  it.each([301, 302, 307, 308])(
    'T14: follows no redirect (%i), neither to another host nor to itself',
    async (status) => {
      await using other = await startMediaServer((_, response) => response.end('stolen'));
      await using server = await startMediaServer((_, response) => {
        response.writeHead(status, { location: `${other.url}/file` }).end();
      });
      expect(await downloadMedia(server.request, uri, options)).toEqual({ ok: false, reason: 'unreachable' });
      expect(server.asked).toHaveLength(1);
      expect(other.asked).toEqual([]);
    },
  );

  it('breaks off what is larger than it may be, whatever the header says', async () => {
    let sent = 0;
    const isClosed = Promise.withResolvers<void>();
    await using server = await startMediaServer((_, response) => {
      response.once('close', () => isClosed.resolve());
      response.writeHead(200, { 'content-type': 'image/png' });
      void pour(response, 100 * 1024 * 1024, (bytes) => {
        sent += bytes;
      });
    });
    const limits = { maxBytes: 64 * 1024, timeoutMs: 10_000 };
    expect(await downloadMedia(server.request, uri, limits)).toEqual({ ok: false, reason: 'too_large' });
    await isClosed.promise;
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it('gives up on a server that never ends', async () => {
    await using server = await startMediaServer((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).write('a');
    });
    expect(await downloadMedia(server.request, uri, options)).toEqual({ ok: false, reason: 'unreachable' });
  });

  it('comes again after 429 and a bad gateway, and not after a refusal', async () => {
    const answers = [429, 502, 200];
    await using server = await startMediaServer((_, response) => {
      const status = answers.shift() ?? 500;
      if (status === 429) json(response, status, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 10 });
      else response.writeHead(status).end('bytes');
    });
    const patient = { ...options, timeoutMs: 60_000 };
    expect(await downloadMedia(server.request, uri, patient)).toMatchObject({ ok: true });
    expect(server.asked).toHaveLength(3);

    await using refusing = await startMediaServer((_, response) => {
      json(response, 404, { errcode: 'M_NOT_FOUND', error: 'Not found' });
    });
    expect(await downloadMedia(refusing.request, uri, patient)).toEqual({ ok: false, reason: 'unreachable' });
    expect(refusing.asked).toHaveLength(1);
  });

  it('does not wait longer than it may, however long the homeserver asks it to', async () => {
    await using server = await startMediaServer((_, response) => {
      json(response, 429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 60_000 });
    });
    expect(await downloadMedia(server.request, uri, options)).toEqual({ ok: false, reason: 'unreachable' });
    expect(server.asked).toHaveLength(1);
  });
});

async function pour(response: ServerResponse, total: number, onSent: (bytes: number) => void): Promise<void> {
  const piece = Buffer.alloc(64 * 1024);
  const pieces = function* () {
    for (let sent = 0; sent < total; sent += piece.length) {
      onSent(piece.length);
      yield piece;
    }
  };
  // It ends when whoever reads has gone away.
  await pipeline(Readable.from(pieces()), response).catch(() => undefined);
}

describe('uploadMedia', () => {
  it('sends the bytes as they are, with their type and name', async () => {
    const bytes = Buffer.from([0, 255, 1]);
    const received: Buffer[] = [];
    let type: string | undefined;
    await using server = await startMediaServer((request, response) => {
      type = request.headers['content-type'];
      request.on('data', (chunk: Buffer) => received.push(chunk));
      request.on('end', () => json(response, 200, { content_uri: 'mxc://example.org/new' }));
    });
    const upload = { bytes, contentType: 'text/markdown', filename: 'an answer.md' };
    expect(await uploadMedia(server.request, upload)).toBe('mxc://example.org/new');
    expect(Buffer.concat(received)).toEqual(bytes);
    expect(type).toBe('text/markdown');
    expect(server.asked).toEqual(['/_matrix/media/v3/upload?filename=an+answer.md']);
  });

  it('T14: takes no other place from the homeserver than an mxc URI', async () => {
    await using server = await startMediaServer((_, response) => {
      json(response, 200, { content_uri: 'https://evil.example/x' });
    });
    const upload = { bytes: Buffer.from('x'), contentType: 'text/plain' };
    await expect(uploadMedia(server.request, upload)).rejects.toThrow('not as specified');
  });
});
