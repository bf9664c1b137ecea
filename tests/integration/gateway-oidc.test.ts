import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CookieBrowser } from '../support/cookie-browser.ts';
import { freePort } from '../support/free-port.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { type OidcProvider, startOidcProvider } from '../support/start-oidc-provider.ts';

const accounts = {
  rita: { name: 'Rita', matrix_id: '@rita:localhost', vagent_role: 'reviewer' },
  olga: { name: 'Olga', matrix_id: '@olga:localhost', vagent_role: ['staff', 'viewer', 'operator'] },
  king: { name: 'King', matrix_id: '@king:localhost', vagent_role: 'king' },
  nobody: { name: 'Nobody', vagent_role: 'operator' },
};
const stack = new AsyncDisposableStack();
let provider: OidcProvider;
let gateway: TestGateway;

beforeAll(async () => {
  const port = await freePort();
  const redirectUrl = `http://127.0.0.1:${port}/api/v1/oidc/callback`;
  provider = stack.use(await startOidcProvider(redirectUrl, accounts));
  gateway = stack.use(
    await startGateway(inject('redisUrl'), {
      GATEWAY_PORT: String(port),
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.clientId,
      OIDC_CLIENT_SECRET: provider.clientSecret,
      OIDC_REDIRECT_URL: redirectUrl,
    }),
  );
});
afterAll(() => stack.disposeAsync());

const isCallback = (url: URL): boolean => url.pathname === '/api/v1/oidc/callback';

/** Up to the moment when the provider sends the browser back. */
async function comeBack(browser: CookieBrowser, login: string): Promise<URL> {
  const form = await browser.open(`${gateway.url}/api/v1/oidc/start`);
  const consent = await browser.submit(form, { login, password: 'any' });
  return (await browser.submit(consent, {}, isCallback)).url;
}

async function signIn(login: string) {
  const browser = new CookieBrowser();
  const back = await comeBack(browser, login);
  const { url, response } = await browser.open(back.href);
  const secret = browser.cookie(new URL(gateway.url).host, 'vagent_console');
  const headers = secret === undefined ? undefined : { cookie: `vagent_console=${secret}` };
  return { browser, back, url, response, headers };
}

describe('sign-in by OIDC', () => {
  it('lets in who has a Matrix id and a role, as the console session of links is', async () => {
    const { url, headers } = await signIn('rita');
    expect(url.pathname).toBe('/');
    expect(await gateway.ask('/api/v1/me', { headers: headers ?? {} })).toMatchObject({
      status: 200,
      body: { user: '@rita:localhost', name: 'Rita', role: 'reviewer' },
    });
  });

  it('gives the highest of several roles, and none for a name that is no role', async () => {
    const { headers } = await signIn('olga');
    expect((await gateway.ask('/api/v1/me', { headers: headers ?? {} })).body).toMatchObject({
      role: 'operator',
    });
    const refused = await signIn('king');
    expect(refused.headers).toBeUndefined();
    expect(refused.response.status).toBe(403);
    expect(await refused.response.json()).toMatchObject({ detail: expect.stringContaining('vagent_role') });
  });

  it('refuses an account without a Matrix id', async () => {
    const { headers, response } = await signIn('nobody');
    expect(headers).toBeUndefined();
    expect(await response.json()).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('Matrix id'),
    });
  });

  it('T25: takes an answer of the provider once, in the browser that asked, with its own state', async () => {
    const asked = new CookieBrowser();
    const back = await comeBack(asked, 'rita');
    const elsewhere = await new CookieBrowser().open(back.href);
    expect(elsewhere.response.status).toBe(401);

    const kept = `vagent_oidc=${asked.cookie(new URL(gateway.url).host, 'vagent_oidc')}`;
    const changed = new URL(back);
    changed.searchParams.set('state', 'another');
    expect((await asked.open(changed.href)).response.status).toBe(403);
    // What was begun is used up by then, even for who has kept the cookie.
    const again = await fetch(back, { headers: { cookie: kept }, redirect: 'manual' });
    expect(again.status).toBe(403);
    expect(again.headers.getSetCookie().join()).not.toContain('vagent_console');

    const { browser, back: used } = await signIn('rita');
    expect((await browser.open(used.href)).response.status).toBe(401);
  });
});

describe('a gateway whose provider is away', () => {
  const startLonely = (port: number): Promise<TestGateway> =>
    startGateway(inject('redisUrl'), {
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: 'vagent',
      OIDC_CLIENT_SECRET: 'a secret of the client',
      OIDC_REDIRECT_URL: 'http://127.0.0.1:1/api/v1/oidc/callback',
    });

  it('starts, says so at the sign-in, and lets people in when it is back', async () => {
    await using lonely = await startLonely(await freePort());
    const { status, body } = await lonely.ask('/api/v1/oidc/start');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('company account') });
    expect((await lonely.ask('/api/v1/ways-in')).body).toMatchObject({ oidc: true, links: true });
  });

  it('blames the provider where it takes the question and never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    await using lonely = await startLonely(typeof address === 'object' ? (address?.port ?? 0) : 0);
    expect(await lonely.ask('/api/v1/oidc/start')).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('company account') },
    });
    silent.closeAllConnections();
    silent.close();
  });
});
