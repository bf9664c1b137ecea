import { gunzipSync } from 'node:zlib';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveConsole } from './serve-console.ts';

describe('the console over HTTP', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = fastify();
    await app.register(helmet);
    await serveConsole(app, { log: pino({ level: 'silent' }) });
  });
  afterAll(() => app.close());

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  const filesOf = (html: string): string[] =>
    [...html.matchAll(/"(\/assets\/[^"]+)"/g)].flatMap(([, at]) => at ?? []);

  /** The page's files, and all that these load later. */
  async function allFiles(): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const todo = filesOf((await get('/')).body);
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if (found.has(at)) continue;
      const { rawPayload, statusCode } = await get(at, { 'accept-encoding': 'gzip' });
      expect(statusCode, at).toBe(200);
      found.set(at, rawPayload);
      const parts = gunzipSync(rawPayload)
        .toString()
        .matchAll(/["']\.\/([\w-]+\.js)["']/g);
      todo.push(...[...parts].map(([, name]) => `/assets/${name}`));
    }
    return found;
  }

  it('stays under 150 KB gzipped, all pages, scripts and styles together', async () => {
    const files = await allFiles();
    const bytes = [...files.values()].reduce((sum, body) => sum + body.length, 0);
    expect(files.size).toBeGreaterThan(5);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(150_000);
  });

  it('gives files for ever, and the page only while it is the newest', async () => {
    const page = await get('/');
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await get('/', { 'if-none-match': String(page.headers.etag) });
    expect(again.statusCode).toBe(304);
    const [file = ''] = filesOf(page.body);
    expect((await get(file)).headers['cache-control']).toContain('immutable');
    expect((await get(file, { 'accept-encoding': 'gzip, br' })).headers['content-encoding']).toBe('br');
  });

  it('says that the page is old where a file of another version is asked for', async () => {
    const { statusCode, headers, body } = await get('/assets/main-OLDONE.js');
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toContain('load the page again');
  });

  it('lets nothing run but its own files and its one inline script, and no source maps out', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+'/);
    expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
    for (const body of (await allFiles()).values())
      expect(gunzipSync(body).includes('sourceMappingURL')).toBe(false);
  });
});
