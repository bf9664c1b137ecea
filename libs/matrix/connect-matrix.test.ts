import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { connectMatrix } from './connect-matrix.ts';
import { MatrixLoginError, MatrixRequestError } from './errors.ts';
import type { MatrixClient } from './matrix-client.ts';
import type { TokenStore } from './token-store.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>;

const log = pino({ level: 'silent' });
const userId = '@bot:localhost';
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A homeserver that answers whoami for `tokens` and leaves the rest to `answer`. */
async function serve(answer: Answer, tokens = new Set(['good'])): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const isLogin = request.url?.endsWith('/login') === true;
    if (!isLogin && !tokens.has(token))
      return json(response, 401, { errcode: 'M_UNKNOWN_TOKEN', error: 'no' });
    if (request.url?.endsWith('/whoami')) return json(response, 200, { user_id: userId, device_id: 'DEV' });
    await answer(request, response, body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function memoryTokens(first?: string): TokenStore & { token: string | undefined } {
  const store = {
    token: first,
    load: async () => store.token,
    save: async (token: string) => {
      store.token = token;
    },
    exclusively: <T>(work: () => Promise<T>) => work(),
  };
  return store;
}

async function connected(answer: Answer): Promise<MatrixClient> {
  const homeserver = await serve(answer);
  const access = { kind: 'token', token: 'good' } as const;
  return connectMatrix({ homeserver, access, deviceId: 'DEV' }, { tokens: memoryTokens(), log });
}

async function failureOf(client: MatrixClient, options = {}): Promise<MatrixRequestError> {
  const path = '/_matrix/client/v3/thing';
  const error = await client.request('GET', path, { query: { q: 'hidden' }, ...options }).catch((e) => e);
  if (!(error instanceof MatrixRequestError)) throw error;
  return error;
}

describe('connectMatrix', () => {
  it('knows whose token it has', async () => {
    const client = await connected(() => undefined);
    expect(client).toMatchObject({ userId, deviceId: 'DEV' });
  });

  it('sends query and JSON body with the token and resolves to the parsed answer', async () => {
    let seen: unknown;
    const client = await connected((request, response, body) => {
      seen = [request.method, request.url, body, request.headers.authorization];
      json(response, 200, { event_id: '$1' });
    });
    const answer = await client.request('PUT', '/x/y', {
      query: { a: 1, b: ['c', 'd'], e: undefined },
      body: { t: 'é' },
    });
    expect(answer).toEqual({ event_id: '$1' });
    expect(seen).toEqual(['PUT', '/x/y?a=1&b=c&b=d', '{"t":"é"}', 'Bearer good']);
  });

  it('takes an empty object for a body', async () => {
    const client = await connected((_, response, body) => json(response, 200, { body }));
    expect(await client.request('POST', '/x', { body: {} })).toEqual({ body: '{}' });
  });

  it.each([
    { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1234.5 }, headers: {}, ms: 1235 },
    { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' }, headers: { 'retry-after': '0.5' }, ms: 500 },
    { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' }, headers: {}, ms: null },
    { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1e12 }, headers: {}, ms: 300_000 },
    {
      status: 503,
      body: { errcode: 'M_UNKNOWN' },
      headers: { date: 'Fri, 01 May 2026 10:00:00 GMT', 'retry-after': 'Fri, 01 May 2026 10:00:07 GMT' },
      ms: 7000,
    },
  ])('tells from $status $body $headers to wait $ms ms', async ({ status, body, headers, ms }) => {
    const client = await connected((_, response) => json(response, status, body, headers));
    expect(await failureOf(client)).toMatchObject({ status, retryAfterMs: ms, retryable: true });
  });

  it.each([
    { status: 403, errcode: 'M_FORBIDDEN', retryable: false },
    { status: 404, errcode: 'M_NOT_FOUND', retryable: false },
    { status: 413, errcode: 'M_TOO_LARGE', retryable: false },
    { status: 500, errcode: 'M_UNKNOWN', retryable: true },
  ])('tells $status $errcode as such', async ({ status, errcode, retryable }) => {
    const client = await connected((_, response) => json(response, status, { errcode, error: 'because' }));
    const error = await failureOf(client);
    expect(error).toMatchObject({
      status,
      errcode,
      retryable,
      method: 'GET',
      path: '/_matrix/client/v3/thing',
    });
    expect(error.message).toBe(`GET /_matrix/client/v3/thing was answered ${status} ${errcode}: because`);
  });

  it.each([
    { name: 'a page of a proxy', status: 502, body: '<html>bad gateway</html>' },
    { name: 'a 200 that is not JSON', status: 200, body: 'hello' },
    { name: 'JSON that is no object', status: 200, body: 'null' },
    { name: 'an error without a body', status: 500, body: '' },
    { name: 'JSON cut short', status: 200, body: '{"a":' },
  ])('says of $name that it is not a Matrix answer', async ({ status, body }) => {
    const client = await connected((_, response) => {
      response.writeHead(status).end(body);
    });
    expect(await failureOf(client)).toMatchObject({ status, errcode: null, retryable: true });
  });

  it('returns content that has a member "errcode" of its own', async () => {
    const client = await connected((_, response) => json(response, 200, { errcode: 'mine' }));
    expect(await client.request('GET', '/state')).toEqual({ errcode: 'mine' });
  });

  it('does not follow redirects, which would carry the token away', async () => {
    const client = await connected((_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    expect(await failureOf(client)).toMatchObject({ status: 302 });
  });

  it('gives up after timeoutMs', async () => {
    const client = await connected(() => undefined);
    const error = await failureOf(client, { timeoutMs: 30 });
    expect(error).toMatchObject({ status: null, retryable: true });
    expect(error.message).toBe('GET /_matrix/client/v3/thing had no answer within 30 ms');
  });

  it('tells a broken connection', async () => {
    const client = await connected((request) => void request.socket.destroy());
    expect(await failureOf(client)).toMatchObject({ status: null, errcode: null, retryable: true });
  });

  it('rejects with the reason of an aborted signal', async () => {
    const abort = new AbortController();
    const client = await connected(() => abort.abort(new Error('enough')));
    await expect(client.request('GET', '/x', { signal: abort.signal })).rejects.toThrow('enough');
  });

  it('says so when the access token is refused', async () => {
    const homeserver = await serve(() => undefined);
    const access = { kind: 'token', token: 'sesame' } as const;
    const attempt = connectMatrix({ homeserver, access, deviceId: 'D' }, { tokens: memoryTokens(), log });
    const error = await attempt.catch((e) => e);
    expect(error).toBeInstanceOf(MatrixLoginError);
    expect(String(error)).not.toContain('sesame');
  });
});

describe('connectMatrix with a password', () => {
  const access = { kind: 'password', user: 'bot', password: 'pw' } as const;

  /** Every login voids the token before, as Synapse does for one device. */
  async function homeserverWithLogins() {
    const valid = new Set<string>();
    const logins: unknown[] = [];
    const homeserver = await serve((request, response, body) => {
      if (request.url?.endsWith('/login') !== true) return json(response, 200, {});
      const asked: unknown = JSON.parse(body);
      logins.push(asked);
      if (!body.includes('"password":"pw"'))
        return json(response, 403, { errcode: 'M_FORBIDDEN', error: 'x' });
      valid.clear();
      valid.add(`token-${logins.length}`);
      json(response, 200, { access_token: `token-${logins.length}`, device_id: 'DEV', user_id: userId });
    }, valid);
    return { homeserver, logins, valid };
  }

  it('logs in as its device and keeps the token', async () => {
    const { homeserver, logins } = await homeserverWithLogins();
    const tokens = memoryTokens();
    const told: string[] = [];
    await connectMatrix(
      { homeserver, access, deviceId: 'DEV' },
      { tokens, log, onToken: (t) => told.push(t) },
    );
    expect(logins).toEqual([expect.objectContaining({ device_id: 'DEV', password: 'pw' })]);
    expect(tokens.token).toBe('token-1');
    expect(told).toEqual(['token-1']);
    await connectMatrix({ homeserver, access, deviceId: 'DEV' }, { tokens, log });
    expect(logins).toHaveLength(1);
  });

  it('logs in again with the same device when the stored token is unknown', async () => {
    const { homeserver, logins } = await homeserverWithLogins();
    const tokens = memoryTokens('stale');
    await connectMatrix({ homeserver, access, deviceId: 'DEV' }, { tokens, log });
    expect(logins).toEqual([expect.objectContaining({ device_id: 'DEV' })]);
    expect(tokens.token).toBe('token-1');
  });

  it('takes the token of another process instead of throwing it out', async () => {
    const { homeserver, logins, valid } = await homeserverWithLogins();
    const tokens = memoryTokens();
    const client = await connectMatrix({ homeserver, access, deviceId: 'DEV' }, { tokens, log });
    valid.clear();
    valid.add('theirs');
    tokens.token = 'theirs';
    await Promise.all([client.request('GET', '/a'), client.request('GET', '/b')]);
    expect(logins).toHaveLength(1);
  });

  it('logs in once for many requests that meet the same unknown token', async () => {
    const { homeserver, logins, valid } = await homeserverWithLogins();
    const client = await connectMatrix(
      { homeserver, access, deviceId: 'DEV' },
      { tokens: memoryTokens(), log },
    );
    valid.clear();
    await Promise.all(['/a', '/b', '/c'].map((path) => client.request('GET', path)));
    expect(logins).toHaveLength(2);
  });

  it('names the settings when the password is wrong', async () => {
    const { homeserver } = await homeserverWithLogins();
    const wrong = { ...access, password: 'wrong-one' };
    const attempt = connectMatrix(
      { homeserver, access: wrong, deviceId: 'D' },
      { tokens: memoryTokens(), log },
    );
    const error = await attempt.catch((e) => e);
    expect(error).toBeInstanceOf(MatrixLoginError);
    expect(String(error)).toContain('MATRIX_PASSWORD');
    expect(String(error)).not.toContain('wrong-one');
  });
});
