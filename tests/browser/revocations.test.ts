import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Role } from '../../services/gateway/api/role.ts';
import { describeInBrowser, openBrowser } from '../support/open-browser.ts';
import { openConsolePage } from '../support/open-console-page.ts';
import { expectAccessible } from '../support/start-console.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

describeInBrowser('T17: access that is taken back in the console', () => {
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    gateway = await startGateway(inject('redisUrl'));
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await gateway[Symbol.asyncDispose]();
  });

  /** Of whom nothing was taken back yet, also in a second try. */
  const newUser = (name: string): string => `@${name}-${randomBytes(3).toString('hex')}:localhost`;
  const open = (user: string, role: Role, at: string): Promise<Page> =>
    openConsolePage(browser, gateway, { user, role }, at);
  const isSignedOut = (page: Page) => page.getByText('Your session has ended').waitFor();

  it('ends the console of a person while they look at it, is listed, and stands in the audit', async () => {
    const mallory = newUser('mallory');
    const theirs = await open(mallory, 'viewer', 'inbox');
    await theirs.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
    const page = await open('@olga:localhost', 'operator', 'switches');
    await page.getByLabel('Whose').fill(mallory);
    await page
      .getByRole('form', { name: 'Take access back' })
      .getByLabel('Why')
      .fill('the laptop was stolen');
    await page.getByRole('button', { name: 'Take back …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Take back all access of this person?' });
    await dialog.getByText(mallory).waitFor();
    await expectAccessible(page);

    await dialog.getByRole('button', { name: 'Take back', exact: true }).click();

    await isSignedOut(theirs);
    const row = page.getByRole('list', { name: 'Taken back' }).getByRole('listitem');
    await row.filter({ hasText: mallory }).getByText('the laptop was stolen').waitFor();
    await expectAccessible(page);
    await page.goto(`${gateway.url}/#/audit`);
    await page.getByText(`Tokens and sign-ins of ${mallory} revoked`).waitFor();
  });

  it('is no business of viewers', async () => {
    const page = await open('@vera:localhost', 'viewer', 'switches');
    await page.getByText('An operator can switch rooms').waitFor();
    expect(await page.getByRole('button', { name: 'Take back …' }).count()).toBe(0);
  });

  it('everybody can end their own sign-ins everywhere, by keyboard', async () => {
    const uma = newUser('uma');
    const [here, there] = [await open(uma, 'viewer', 'inbox'), await open(uma, 'viewer', 'inbox')];
    await here.keyboard.press('Control+k');
    await here.getByRole('combobox').fill('everywhere');
    await here.keyboard.press('Enter');
    await here.getByRole('heading', { level: 1, name: 'Sign in to vagent' }).waitFor();
    await isSignedOut(there);
  });
});
