import type { Browser, Page } from 'playwright-core';
import { createSignInCode, signInLink } from '#operations/gateway/sign-in-code';
import type { Role } from '../../services/gateway/api/role.ts';
import type { TestGateway } from './start-gateway.ts';

/** A console of a browser profile of its own, on a gateway without a system around it; `at` stands behind `#/`. */
export async function openConsolePage(
  browser: Browser,
  { transport, url }: Pick<TestGateway, 'transport' | 'url'>,
  { user, role }: { readonly user: string; readonly role: Role },
  at: string,
): Promise<Page> {
  const code = await createSignInCode(transport, { user, name: user, role });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(signInLink(url, code));
  await page.locator('.frame').waitFor();
  await page.goto(`${url}/#/${at}`);
  return page;
}
