import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { eventually } from '../support/eventually.ts';
import { describeInBrowser, openBrowser } from '../support/open-browser.ts';
import { openConsolePage } from '../support/open-console-page.ts';
import { expectAccessible } from '../support/start-console.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

const user = '@ana:localhost';
const room = '!room:localhost';

describeInBrowser('long conversations', () => {
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    gateway = await startGateway(inject('redisUrl'), {
      CALLER_REQUESTS_PER_MINUTE: '100000',
      ADDRESS_REQUESTS_PER_MINUTE: '100000',
    });
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await gateway[Symbol.asyncDispose]();
  });

  /** Of nobody else, also in a second try; each test has a partition for itself, which its pages are read from. */
  function newSession(partition: number): string {
    for (;;) {
      const thread = `$${randomBytes(8).toString('hex')}`;
      const session = formatSessionId({ room, thread, user });
      if (partitionOf(session, gateway.transport.partitions) === partition) return session;
    }
  }

  /** Turns as a worker and ingress leave them: a question and its answer each. */
  async function talk(session: string, from: number, to: number): Promise<void> {
    for (let turn = from; turn <= to; turn += 100) {
      const some = Array.from({ length: Math.min(100, to - turn + 1) }, (_, index) => turn + index);
      await Promise.all(some.map((number) => publishTurn(gateway, session, number)));
    }
  }

  async function open(session: string): Promise<Page> {
    const at = `conversations/${encodeURIComponent(session)}`;
    const page = await openConsolePage(browser, gateway, { user, role: 'viewer' }, at);
    await page.locator('.story .turn').first().waitFor();
    return page;
  }

  const untilMore = (page: Page, than: number) =>
    eventually(async () => (await turns(page).count()) > than, { what: `more than ${than} turns are shown` });
  const turns = (page: Page) => page.locator('.story .turn');
  const older = (page: Page) => page.getByRole('button', { name: 'Show older' });

  it('are read back to their beginning, page by page: what one looks at stays where it is', async () => {
    const session = newSession(0);
    await talk(session, 1, 700);
    // An odd number of events: the first page begins within a turn.
    await gateway.transport.publisher.publish('outbound', {
      type: 'turn.status',
      id: `${session}#idle`,
      session,
      turn: '$turn-700',
      at: new Date().toISOString(),
      body: { state: 'idle', replyTo: null, text: '', approval: null },
    });
    const page = await open(session);
    await page.getByText('Question 700.').waitFor();
    expect(await turns(page).count()).toBeGreaterThanOrEqual(150);
    expect(await page.getByText('Question 1.').count()).toBe(0);
    await expectAccessible(page);

    await older(page).scrollIntoViewIfNeeded();
    await page.evaluate('scrollTo(0, 0)');
    const first = turns(page).first();
    const id = await first.locator('.bubble .markdown').last().innerText();
    const same = page.getByText(id.trim(), { exact: true });
    const topOf = async () => (await same.boundingBox())?.y ?? Number.NaN;
    const before = await topOf();
    const shown = await turns(page).count();
    await older(page).focus();
    await page.keyboard.press('Enter');
    await untilMore(page, shown);
    expect(Math.abs((await topOf()) - before)).toBeLessThan(3);

    for (let pages = 0; pages < 8 && (await older(page).count()) > 0; pages++) {
      const count = await turns(page).count();
      // A key does the same from anywhere on the page.
      await page.keyboard.press('b');
      await untilMore(page, count);
    }
    await page.getByText('This is the beginning: nothing older is kept.').waitFor();
    expect(await turns(page).count()).toBe(700);
    const texts = await turns(page).locator('.bubble.person .markdown').allInnerTexts();
    expect(texts.map((text) => text.trim())).toEqual(
      Array.from({ length: 700 }, (_, index) => `Question ${index + 1}.`),
    );
    await page.context().close();
  });

  it('say at once where they begin, when that is on the first page', async () => {
    const session = newSession(1);
    await talk(session, 1, 3);
    const page = await open(session);
    await page.getByText('This is the beginning').waitFor();
    expect(await older(page).count()).toBe(0);
    expect(await turns(page).count()).toBe(3);
    await page.context().close();
  });

  it('do not fill a page that stays open for days: thousands of events leave the newest', async () => {
    const session = newSession(2);
    await talk(session, 1, 10);
    const page = await open(session);
    const elements = () => page.evaluate<number>('document.querySelectorAll("*").length');
    const sizes: number[] = [];
    for (let round = 0; round < 5; round++) {
      const last = 10 + (round + 1) * 500;
      await talk(session, last - 499, last);
      await page.getByText(`Answer ${last}.`).waitFor();
      await eventually(async () => (await turns(page).count()) <= 301, { what: 'the oldest are let go' });
      sizes.push(await elements());
    }
    // Five thousand events: the page is as large after all of them as after the first thousand.
    expect(sizes.at(-1) ?? 0).toBeLessThan((sizes[0] ?? 0) * 1.1);
    expect(await page.getByText('Question 10.', { exact: true }).count()).toBe(0);
    // What it let go is a click away.
    const shown = await turns(page).count();
    await page.keyboard.press('b');
    await untilMore(page, shown);
    await page.context().close();
  });
});

async function publishTurn({ transport }: TestGateway, session: string, number: number): Promise<void> {
  const turn = `$turn-${number}`;
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString();
  const about = { session, turn, at };
  const asked = transport.publisher.publish('inbound', {
    ...about,
    type: 'message.received',
    id: `${session}${turn}`,
    body: {
      eventId: turn,
      sender: user,
      displayName: null,
      text: `Question ${number}.`,
      thread: null,
      replyTo: null,
      direct: true,
      attachments: [],
      encrypted: false,
      originTime: at,
    },
  });
  const answered = transport.publisher.publish('outbound', {
    ...about,
    type: 'reply.finished',
    id: `${session}${turn}#reply`,
    body: { reply: `${turn}#reply`, text: `Answer ${number}.`, replyTo: turn, revision: 0 },
  });
  await Promise.all([asked, answered]);
}
