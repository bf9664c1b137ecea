import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
const ignored = (await readFile(join(root, '.dockerignore'), 'utf8'))
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** As the builder reads `.dockerignore`: the last line that fits decides, for a folder and all below it. */
function isInContext(file: string): boolean {
  // A star of the builder's matches a leading dot, one of Node's does not.
  const path = file.replaceAll(/(^|\/)\./g, '$1_');
  let isIn = true;
  for (const line of ignored) {
    const pattern = line.replace(/^!/, '').replaceAll(/(^|\/)\./g, '$1_');
    const fits = matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`);
    if (fits) isIn = line.startsWith('!');
  }
  return isIn;
}

/** What COPY takes from the context, in the order of the file. */
function copied(): string[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));
}

let app: string;
beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'vagent-image-'));
  for (const path of copied()) {
    const filter = (source: string): boolean =>
      relative(root, source) === '' || isInContext(relative(root, source));
    await cp(join(root, path), join(app, path), { recursive: true, filter });
  }
  await symlink(join(root, 'node_modules'), join(app, 'node_modules'));
});
afterAll(() => rm(app, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function node(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(process.execPath, [...args], { cwd: app, env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error)) throw error;
    return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
  }
}

describe('the image', () => {
  it.each(['ingress', 'worker', 'egress', 'clock', 'gateway'])(
    'holds all that %s imports',
    async (service) => {
      // Without settings it gets as far as reading them, and refuses to start.
      const { code, stderr } = await node([`services/${service}/main.ts`]);
      expect(stderr).toMatch(new RegExp(`${service} cannot start`));
      expect(code).toBe(78);
    },
  );

  const commands = ['doctor', 'streams', 'sessions', 'approvals', 'dead', 'playbook', 'chat'];
  it.each(commands)('holds all that "vagent %s" imports', async (command) => {
    const { code, stdout } = await node(['scripts/vagent.mjs', command, '--help']);
    expect(stdout).toMatch(new RegExp(`Usage: vagent ${command}`));
    expect(code).toBe(0);
  });

  it('holds all that checks a playbook', async () => {
    const { code, stderr } = await node([
      'scripts/vagent.mjs',
      'playbook',
      'check',
      'services/worker/playbook',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('holds what makes secrets and people', async () => {
    const { stderr } = await node(['scripts/deploy/main.ts']);
    expect(stderr).toMatch(/^Usage: node scripts\/deploy\/main.ts/);
  });

  it('holds no homeserver for development, no tests, and nothing that is not named', () => {
    expect(isInContext('services/homeserver/main.ts')).toBe(false);
    expect(isInContext('services/worker/main.ts')).toBe(true);
    expect(isInContext('services/worker/playbook/flows/refund.yaml')).toBe(true);
    expect(isInContext('libs/contract/keys.test.ts')).toBe(false);
    expect(isInContext('tests/support/start-redis.ts')).toBe(false);
    for (const secret of [
      '.env',
      '.vagent/people.json',
      '.git/config',
      'secrets/redis/users.acl',
      '.npmrc',
      'libs/.env',
    ])
      expect(isInContext(secret), secret).toBe(false);
  });

  it('is pinned, runs no script of a package, is not root, and can be asked how it is', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-\w+-slim$/m);
    expect(dockerfile).toMatch(/npm ci --omit=dev --ignore-scripts/);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    // Nothing of this machine or of a build may be baked in.
    expect(dockerfile).not.toMatch(/^(ADD|VOLUME|ARG .*(TOKEN|SECRET|PASSWORD))/m);
  });

  it('says by its health check whether its service is well', async () => {
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A TCP server has an address of this form.
    const port = String((server.address() as AddressInfo).port);
    const check = (env: Record<string, string>) => node(['scripts/deploy/check-health.ts'], env);
    expect(await check({ HEALTH_PORT: port })).toMatchObject({ code: 0 });
    status = 503;
    expect(await check({ GATEWAY_PORT: port })).toMatchObject({ code: 1, stderr: '/health answers 503\n' });
    server.close();
    server.closeAllConnections();
    expect((await check({ HEALTH_PORT: port })).code).toBe(1);
    expect((await check({})).code).toBe(1);
  });
});
