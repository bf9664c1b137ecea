import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { UsageError } from '../../scripts/cli/errors.ts';
import type { Terminal } from '../../scripts/cli/terminal.ts';
import { console as command } from '../../scripts/commands/console.ts';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redisUrl = inject('redisUrl');
const KEY_PREFIX = uniquePrefix('console-link');
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl, { KEY_PREFIX });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Runs the command as a terminal does, and gives what it printed. */
async function run(...args: string[]): Promise<string> {
  const stdout = new PassThrough();
  const env = { REDIS_URL: redisUrl, KEY_PREFIX, VAGENT_DIR: '/nowhere', GATEWAY_URL: gateway.url };
  // The command writes to its output, and reads nothing.
  const terminal = { stdin: new PassThrough(), stdout, stderr: stdout, env } as unknown as Terminal;
  expect(await command.run(args, terminal)).toBe(0);
  return String(stdout.read());
}

describe('vagent console', () => {
  it('prints a link whose fragment signs in once, as whom and with the role that were asked for', async () => {
    const link = await run('--as', '@rita:localhost', '--role', 'reviewer');
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#sign-in=[\w-]{43}\n$/);
    const code = new URL(link.trim()).hash.slice('#sign-in='.length);
    expect(await gateway.ask('/api/v1/sign-in', json('POST', { code }))).toMatchObject({
      status: 200,
      body: { user: '@rita:localhost', name: 'rita', role: 'reviewer' },
    });
    expect(await gateway.ask('/api/v1/sign-in', json('POST', { code }))).toMatchObject({ status: 401 });
    expect(gateway.lines.join('')).not.toContain(code);
  });

  it('asks for what it needs', async () => {
    await expect(run()).rejects.toThrow(UsageError);
    await expect(run('--as', 'rita')).rejects.toThrow('user id');
    await expect(run('--as', '@rita:localhost', '--role', 'king')).rejects.toThrow('--role');
    await expect(run('--as', '@rita:localhost', '--url', 'javascript:alert(1)')).rejects.toThrow('--url');
  });

  it('is refused by a gateway that takes no links', async () => {
    await using closed = await startGateway(redisUrl, { KEY_PREFIX, CONSOLE_LINKS: 'off' });
    const link = await run('--as', '@rita:localhost');
    const code = new URL(link.trim()).hash.slice('#sign-in='.length);
    expect(await closed.ask('/api/v1/sign-in', json('POST', { code }))).toMatchObject({ status: 403 });
  });
});
