import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeInBrowser } from '../support/open-browser.ts';
import { expectAccessible, useConsole, viewports } from '../support/start-console.ts';

describeInBrowser('the console', () => {
  const stage = useConsole();
  const operator = () => ({ user: stage().system.reviewers[0].userId, role: 'operator' as const });
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  /** Two keys in a row: where a busy machine comes between them, they are pressed again. */
  const go = async (page: Page, keys: string, wanted: Locator): Promise<void> => {
    const isThere = async (): Promise<boolean> => {
      await page.keyboard.type(keys);
      await wanted.waitFor({ timeout: 8_000 });
      return true;
    };
    await eventually(isThere, { what: `${keys} leads there` });
  };

  it('lets a sign-in link work once, takes it out of the address bar, and says how to make another', async () => {
    const link = await stage().link(operator());
    const page = await stage().visit(link);
    await heading(page, 'Inbox').waitFor();
    expect(page.url()).not.toContain('sign-in');
    const late = await stage().visit(link);
    await late.getByText('This link does not work any more').waitFor();
    await late.getByText('npx vagent console').waitFor();
    expect(late.url()).not.toContain('sign-in');
    await expectAccessible(late);
  });

  it('shows nothing but the way in to whoever is not signed in, and after signing out', async () => {
    const page = await stage().signIn(operator());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Sign in to vagent').waitFor();
    await page.goto(`${stage().url}/#/inbox`);
    await page.reload();
    await heading(page, 'Sign in to vagent').waitFor();
  });

  it('is led by keys: to pages, to its help, to a command, and back', async () => {
    const page = await stage().signIn(operator());
    await heading(page, 'Inbox').waitFor();
    await go(page, 'gp', heading(page, 'Playground'));
    await page.keyboard.type('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to inbox').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('audit');
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await heading(page, 'Audit').waitFor();
    // What is typed into a field is no key of the page's.
    await page.goto(`${stage().url}/#/playground`);
    await page.getByLabel('Your message').fill('');
    await page.getByLabel('Your message').pressSequentially('gi?');
    expect(await page.getByLabel('Your message').inputValue()).toBe('gi?');
    await heading(page, 'Playground').waitFor();
  });

  it('says that the gateway is away when it is killed, and recovers by itself', async () => {
    const page = await stage().signIn(operator());
    await heading(page, 'Inbox').waitFor();
    const gateway = stage().system.process('gateway-1');
    await gateway.kill('SIGKILL');
    try {
      await go(page, 'gp', page.getByText('The gateway is away since'));
      await expectAccessible(page);
    } finally {
      await stage().system.start(['gateway-1']);
    }
    await page.getByText('The gateway is away since').waitFor({ state: 'detached' });
    await heading(page, 'Playground').waitFor();
    expect(page.url()).toContain('#/playground');
  });

  it('says that Redis is away when it is stopped, and recovers by itself', async () => {
    const page = await stage().signIn(operator());
    await heading(page, 'Inbox').waitFor();
    await stage().redis.kill();
    try {
      await go(page, 'gc', page.getByText('Redis is away since'));
    } finally {
      await stage().redis.start();
    }
    await page.getByText('Redis is away since').waitFor({ state: 'detached' });
    const answers = () => page.evaluate(() => fetch('/api/v1/approvals').then(({ status }) => status));
    await eventually(async () => (await answers()) === 200, { withinMs: 20_000 });
  });

  const looks = [
    { colorScheme: 'light', viewport: viewports.desk },
    { colorScheme: 'dark', viewport: viewports.desk },
    { colorScheme: 'light', viewport: viewports.phone },
    { colorScheme: 'dark', viewport: viewports.phone },
  ] as const;
  /** Something to look at: a conversation with an approval that waits. */
  let seeded: Promise<void> | undefined;
  const seed = async (): Promise<void> => {
    const page = await stage().signIn(operator(), 'playground');
    await page.getByLabel('Your message').fill('Please delete all records of project Apollo');
    await page.getByLabel('Your message').press('Enter');
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
  };
  const expectSound = async (page: Page, what: string, width: number): Promise<void> => {
    await expectAccessible(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${what} at ${width} px`).toBeLessThanOrEqual(width);
  };

  it.each(looks)(
    'has no serious fault for axe and no page wider than the screen: $colorScheme, $viewport.width px',
    async (look) => {
      seeded ??= seed();
      await seeded.catch((error: unknown) => {
        // A second try sows anew.
        seeded = undefined;
        throw error;
      });
      const page = await stage().signIn(operator(), '', look);
      const { width } = look.viewport;
      const links = page.locator('.sidebar nav a');
      const pages = await links.evaluateAll((all) =>
        all.map((link) => ({
          path: link.getAttribute('href') ?? '',
          title: link.querySelector('span:not(.count)')?.textContent ?? '',
        })),
      );
      expect(pages.length).toBeGreaterThan(5);
      for (const { path, title } of pages) {
        await page.goto(`${stage().url}/${path}`);
        await heading(page, title).waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        await expectSound(page, path, width);
      }
      await page.goto(`${stage().url}/#/inbox`);
      await page
        .getByRole('link', { name: /delete_records/ })
        .first()
        .click();
      await page.getByRole('button', { name: /^Edit/ }).click();
      await page.getByLabel('project').fill('Borealis');
      await expectSound(page, 'an approval that is edited', width);
    },
    360_000,
  );
});
