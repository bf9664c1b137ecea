import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createSignInCode, signInLink } from '#operations/gateway/sign-in-code';
import type { Role } from '../../services/gateway/api/role.ts';
import { eventually } from '../support/eventually.ts';
import { describeInBrowser, openBrowser } from '../support/open-browser.ts';
import { openConsolePage } from '../support/open-console-page.ts';
import { startGateway } from '../support/start-gateway.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');
const rita = '@rita:localhost';

describeInBrowser('a console that is left open', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

  async function openGateway(user: string, role: Role, at: string) {
    const stack = new AsyncDisposableStack();
    const gateway = stack.use(await startGateway(url));
    const page = await openConsolePage(browser, gateway, { user, role }, at);
    stack.defer(() => page.context().close());
    return { gateway, page, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  /** A gateway beside a worker that really judges, with so many approvals that wait for rita. */
  async function openInbox(projects: readonly string[]) {
    const stack = new AsyncDisposableStack();
    const stage = stack.use(await startWorkerStage(url));
    const prefix = stage.keys.settings().replace(/:settings$/, '');
    const gateway = stack.use(await startGateway(url, { KEY_PREFIX: prefix }));
    for (const project of projects) await stage.say(`Please delete all records of project ${project}`);
    await eventually(
      async () => (await stage.entries('approvals', 'approval.requested')).length === projects.length,
      { what: 'all of them wait' },
    );
    const page = await openConsolePage(browser, gateway, { user: rita, role: 'reviewer' }, 'inbox');
    stack.defer(() => page.context().close());
    const detail = page.locator('.inbox-detail');
    return { stage, page, detail, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  it('goes on showing what was decided under the eyes of the reviewer: a key that is held down decides once', async () => {
    await using inbox = await openInbox(['Apollo', 'Gemini']);
    const { page, detail, stage } = inbox;
    const waiting = page.getByRole('list', { name: 'Waiting' }).getByRole('listitem');
    await detail.getByText('"Apollo"').waitFor();
    await page.keyboard.down('a');
    await eventually(async () => (await waiting.count()) === 1, { what: 'one is decided' });
    // The browser's own repetition of a key that is held.
    await page.keyboard.down('a');
    await page.keyboard.up('a');
    await detail.getByText('approved', { exact: true }).waitFor();
    expect(await detail.getByText('"Apollo"').count()).toBe(1);
    expect(stage.calls).toHaveLength(1);
    expect(await waiting.innerText()).toContain('Gemini');
  });

  it('keeps what a reviewer wrote where it could not be sent', async () => {
    await using inbox = await openInbox(['Apollo']);
    const { page, detail } = inbox;
    await detail.getByText('"Apollo"').waitFor();
    await page.keyboard.press('x');
    await page.getByLabel('Why?').fill('They moved to Borealis');
    const path = '**/api/v1/approvals/*/decision';
    await page.route(path, (route) => route.fulfill({ status: 429, body: 'slow down' }));
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    await detail.getByText('answered 429').waitFor();
    expect(await page.getByLabel('Why?').inputValue()).toBe('They moved to Borealis');
    await page.unroute(path);
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    await detail.getByText('rejected', { exact: true }).waitFor();
  });

  it('signs in whoever opens a link where it is open already, and leaves them nothing of whoever was there', async () => {
    await using open = await openGateway('@ana:localhost', 'viewer', 'playground');
    const { gateway, page } = open;
    const said = page.locator('.chat-bubble.mine');
    // Nobody answers it: it is kept, to be sent again after a reload.
    await page.getByLabel('Your message').fill('Only for me');
    await page.keyboard.press('Enter');
    await said.getByText('Only for me').waitFor();
    const code = await createSignInCode(gateway.transport, { user: rita, name: 'rita', role: 'reviewer' });
    await page.goto(signInLink(gateway.url, code));
    await page.locator(`.who-name strong[title="${rita}"]`).waitFor();
    expect(page.url()).not.toContain('sign-in');
    await page.goto(`${gateway.url}/#/playground`);
    await page.getByText('Ask the agents something').waitFor();
    expect(await said.count()).toBe(0);
  });

  it('tries a link again by itself when the gateway has come back', async () => {
    await using open = await openGateway('@ana:localhost', 'viewer', 'overview');
    const { gateway, page } = open;
    const code = await createSignInCode(gateway.transport, { user: rita, name: 'rita', role: 'reviewer' });
    let isAway = true;
    await page.route('**/api/v1/**', (route) => (isAway ? route.abort() : route.continue()));
    await page.goto(signInLink(gateway.url, code));
    await page.getByText('Not signed in yet').waitFor();
    isAway = false;
    await page.locator(`.who-name strong[title="${rita}"]`).waitFor();
  });

  it('shows what a slow gateway answers, however often it is to ask', async () => {
    await using open = await openGateway('@olga:localhost', 'operator', 'overview');
    const { page } = open;
    // The page asks every two seconds.
    await page.route('**/api/v1/switches', async (route) => {
      await sleep(4_500);
      await route.continue().catch(() => undefined);
    });
    await page.goto(`${open.gateway.url}/#/switches`);
    await page.getByText('Everything is on').waitFor();
  });

  it('tries a socket that is closed at once less and less often', async () => {
    await using open = await openGateway('@vera:localhost', 'viewer', 'overview');
    const { page } = open;
    const at: number[] = [];
    const hello = JSON.stringify({ frame: 'hello', session: '*', heartbeatSeconds: 25 });
    await page.routeWebSocket(/\/api\/v1\/live/, (socket) => {
      at.push(performance.now());
      socket.send(hello);
      void socket.close({ code: 1008, reason: 'too many frames' });
    });
    await page.reload();
    await eventually(() => at.length >= 6, { withinMs: 30_000, what: 'it is tried again' });
    // Half of 0.3, 0.6, 1.2, 2.4 and 4.8 s is the least of five waits.
    expect((at[5] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(4_500);
  });

  it('blames a proxy that finds no gateway on the gateway, and not on Redis', async () => {
    await using open = await openGateway('@vera:localhost', 'viewer', 'overview');
    const { page } = open;
    await heading(page, 'Overview').waitFor();
    await page.route('**/api/v1/**', (route) =>
      route.fulfill({ status: 503, contentType: 'text/html', body: '<h1>503</h1>' }),
    );
    await page.getByText('The gateway is away since').waitFor();
    expect(await page.getByText('Redis is away').count()).toBe(0);
  });

  it('says that what it shows may be old where it is refused anew', async () => {
    await using open = await openGateway('@vera:localhost', 'viewer', 'overview');
    const { page } = open;
    await page.getByText('Time to reply').first().waitFor();
    const problem = { status: 429, code: 'too_many_requests', detail: 'Ask less often' };
    await page.route('**/api/v1/overview', (route) => route.fulfill({ status: 429, json: problem }));
    await page.getByText('What you see may be old: Ask less often').waitFor();
    await page.getByText('Time to reply').first().waitFor();
  });

  it('shows an audit line whose id is no time, and ends nothing but the page whose data it cannot draw', async () => {
    await using open = await openGateway('@vera:localhost', 'viewer', 'inbox');
    const { gateway, page } = open;
    const { redis, keys } = gateway.transport;
    await redis.xadd(keys.stream(0, 'audit'), '99999999999999999-0', 'type', 'moon.rose');
    await page.goto(`${gateway.url}/#/audit`);
    await page.getByText('moon rose').waitFor();
    await page.route('**/api/v1/overview', (route) => route.fulfill({ json: { now: 'soon' } }));
    await page.goto(`${gateway.url}/#/overview`);
    await page.getByText('This page could not be shown').waitFor();
    await page.getByRole('link', { name: 'Inbox' }).click();
    await heading(page, 'Inbox').waitFor();
  });
});
