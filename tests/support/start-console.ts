import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { createSignInCode, signInLink } from '#operations/gateway/sign-in-code';
import type { Role } from '../../services/gateway/api/role.ts';
import { eventually } from './eventually.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { openBrowser } from './open-browser.ts';
import { type RedisServer, startRedis } from './start-redis.ts';
import { type System, startSystem } from './start-system.ts';
import { startToolServer, type ToolServer } from './tool-server.ts';

export interface Person {
  readonly user: string;
  readonly role: Role;
}

/** A system of real processes, the outside world around it, and a browser that looks at its console. */
export interface ConsoleStage {
  readonly system: System;
  readonly redis: RedisServer;
  readonly tools: ToolServer;
  readonly model: ModelServer;
  /** Of the gateway. */
  readonly url: string;
  /** A page of a browser profile of its own, signed in by a link; `at` is what stands behind `#/`. */
  signIn(person: Person, at?: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same for nobody. */
  visit(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** A link as `npx vagent console` prints it. */
  link(person: Person): Promise<string>;
}

const phone = { width: 360, height: 740 };
export const viewports = { phone, desk: { width: 1280, height: 860 } } as const;

/** Runs one such stage for all tests of the `describe` it is called in; logs are printed after a failure. */
export function useConsole(options: { readonly withModel?: boolean } = {}): () => ConsoleStage {
  const stack = new AsyncDisposableStack();
  let stage: ConsoleStage | undefined;
  beforeAll(async () => {
    stage = await openStage(stack, options.withModel === true);
  }, 360_000);
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    process.stderr.write(`\n=== Logs of "${task.name}"\n${stage?.system.logs() ?? 'none'}\n`);
  });
  afterAll(() => stack.disposeAsync(), 60_000);
  return () => {
    if (stage === undefined) throw new Error('The console is not open yet');
    return stage;
  };
}

async function openStage(stack: AsyncDisposableStack, withModel: boolean): Promise<ConsoleStage> {
  const redis = stack.use(await startRedis());
  const [tools, model] = [stack.use(await startToolServer()), stack.use(await startModelServer())];
  const modelEnv = {
    MODEL_PROVIDER: 'openai',
    OPENAI_API_KEY: 'a-key-of-the-tests',
    OPENAI_BASE_URL: model.url,
  };
  const system = stack.use(
    await startSystem({
      redisUrl: redis.url,
      replicas: { gateway: 1 },
      env: { RECORDS_URL: tools.url, ...(withModel ? modelEnv : {}) },
    }),
  );
  const browser = await openBrowser();
  stack.defer(() => browser.close());
  const { url } = system.process('gateway-1');
  const visit = async (address: string, own: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: viewports.desk, ...own });
    stack.defer(() => context.close());
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(address);
    return page;
  };
  return {
    system,
    redis,
    tools,
    model,
    url,
    visit,
    link: (person) => linkFor(system, person),
    signIn: async (person, at = '', own) => {
      const page = await visit(await linkFor(system, person), own);
      await page.locator('.frame').waitFor();
      if (at !== '') await page.goto(`${url}/#/${at}`);
      return page;
    },
  };
}

async function linkFor(system: System, { user, role }: Person): Promise<string> {
  const { redis, keys } = system;
  const name = /^@([^:]+)/.exec(user)?.[1] ?? user;
  // Nothing is sealed in systems without a PAYLOAD_KEY.
  const shelf = { redis, keys, sealBody: (text: string) => text, openBody: (text: string) => text };
  const code = await createSignInCode(shelf, { user, name, role });
  return signInLink(system.process('gateway-1').url, code);
}

const axeResult = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

/** A colour on its way to another is not what people read; what turns for ever is not waited for. */
const untilStill = `new Promise(requestAnimationFrame).then(() => Promise.allSettled(
  document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished)))`;

/**
 * Axe finds nothing serious or critical on what the page shows, when it stands still. Looked at again where something
 * was found: data that comes while axe looks moves the page too.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const isAccessible = async (): Promise<boolean> => {
    expect(await faultsOf(page)).toEqual([]);
    return true;
  };
  await eventually(isAccessible, { withinMs: 3_000, everyMs: 500 });
}

async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(`(${untilStill}).then(() => undefined)`);
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // The page's own policy lets no script in; the browser's debugger may.
  const found = axeResult.parse(
    await page.evaluate(`${source}; axe.run(document, { resultTypes: ['violations'] })`),
  );
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
    );
}
