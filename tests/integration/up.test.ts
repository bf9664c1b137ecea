import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findRedisServer } from '../../scripts/setup/find-redis-server.ts';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { cliEnvironment, launcher, runCli } from './cli-process.ts';
import { startUp, type UpProcess } from './up-process.ts';

const minutes = 60_000;

/** A process by its number and when it began: numbers are given to others, the sooner the more processes there are. */
interface Process {
  readonly pid: number;
  readonly since: string;
}

function processes(): (Process & { readonly parent: number })[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, pid, parent, since = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return { pid: Number(pid), parent: Number(parent), since };
    });
}

function childrenOf(parentPid: number): Process[] {
  return processes().filter(({ parent }) => parent === parentPid);
}

/** Which of them still live. */
function aliveOf(known: readonly Process[]): Process[] {
  const all = processes();
  return known.filter(({ pid, since }) => all.some((one) => one.pid === pid && one.since === since));
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function isStartOfEgress({ service, msg }: Readonly<Record<string, unknown>>): boolean {
  return service === 'egress' && msg === 'Started';
}

interface Run {
  readonly environment: Record<string, string>;
  readonly services: { name: string; healthUrl: string }[];
}

describe('vagent up without a terminal', () => {
  let folder: string;
  let home: string;
  let env: Record<string, string>;

  /** A folder that nobody has used: also for the second try of the same test. */
  const newFolder = (name: string): Promise<string> => mkdtemp(join(folder, `${name}-`));
  async function moveToNewHome(): Promise<void> {
    home = join(await newFolder('home'), '.vagent');
    env = { VAGENT_DIR: home };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vagent-up-'));
    await moveToNewHome();
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const readRun = async (): Promise<Run> => JSON.parse(await readFile(join(home, 'run.json'), 'utf8'));
  const vagent = (args: readonly string[], input = '') => runCli(args, env, input);

  /** Signals the run and checks that no process and no open port is left of it. */
  async function endCleanly(up: UpProcess, signal: NodeJS.Signals): Promise<void> {
    const { environment, services } = await readRun();
    const urls = [
      environment['REDIS_URL'] ?? '',
      environment['MATRIX_HOMESERVER'] ?? '',
      ...services.map(({ healthUrl }) => healthUrl),
    ];
    const children = childrenOf(up.pid);
    expect(children.length).toBeGreaterThanOrEqual(6);
    expect(await up.end(signal)).toBe(0);
    expect(aliveOf(children)).toEqual([]);
    const listening = await Promise.all(urls.map((url) => isListening(Number(new URL(url).port))));
    expect(listening).toEqual(urls.map(() => false));
  }

  it('sets everything up, answers, lets a reviewer decide, and leaves nothing behind on SIGINT', {
    timeout: 3 * minutes,
  }, async () => {
    await moveToNewHome();
    await using up = startUp(env);
    const ready = await up.ready();
    expect(ready).toMatchObject({
      you: '@you:localhost',
      reviewer: '@reviewer:localhost',
      bot: '@vagent:localhost',
    });
    expect((await stat(join(home, 'run.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, 'homeserver', 'people.json'))).mode & 0o777).toBe(0o600);

    const answered = await vagent(['chat', '--json'], 'How do I reset my 2FA?\n');
    expect(answered.code).toBe(0);
    expect(JSON.parse(answered.stdout.split('\n')[0] ?? '')).toMatchObject({
      tab: 'you',
      kind: 'reply',
      text: expect.stringMatching(/recovery code/i),
    });

    const asked = await vagent(['chat', '--json'], 'Please delete all records of project Apollo\n');
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('"kind":"status"') });
    const waiting = await eventually(async () => (await vagent(['approvals', '--json'])).stdout);
    expect(JSON.parse(waiting)).toMatchObject({
      actions: [{ name: 'delete_records', args: { project: 'Apollo' } }],
    });

    const decided = await vagent(['chat'], '/approve\n');
    expect(decided).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\[reviewer\] vagent: ✅.*Approved/),
    });
    await eventually(async () => (await vagent(['approvals'])).stdout === 'Nothing waits for a human.\n');
    expect(await vagent(['approvals', 'verify'])).toMatchObject({ code: 0 });

    await endCleanly(up, 'SIGINT');
  });

  it('finds everybody and everything again at the second start, and passes its own examination', {
    timeout: 3 * minutes,
  }, async () => {
    const people = await readFile(join(home, 'homeserver', 'people.json'), 'utf8');
    await using up = startUp(env);
    const { talkRoom, adminRoom } = await up.ready();
    expect(JSON.parse(people)).toMatchObject({ talkRoom, adminRoom });
    expect(await readFile(join(home, 'homeserver', 'people.json'), 'utf8')).toBe(people);
    expect((await vagent(['sessions', '--json'])).stdout).toContain('@you:localhost');

    const findings = await eventually(async () => {
      const { code, stdout } = await vagent(['doctor', '--json']);
      expect(stdout.split('\n').filter((line) => line.includes('"fail"'))).toEqual([]);
      return code === 0 && stdout;
    });
    expect(findings).toContain('"check":"Reviewers","level":"ok"');

    const second = await vagent(['up']);
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`already runs in ${env['VAGENT_DIR']} (process ${up.pid})`),
    });

    await endCleanly(up, 'SIGTERM');
    expect(await vagent(['streams'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No vagent runs in this folder'),
    });
  });

  it('starts a service again that was killed, and says so', { timeout: 3 * minutes }, async () => {
    await using up = startUp(env);
    await up.ready();
    const pid = Number(up.lines.find(isStartOfEgress)?.['pid']);
    process.kill(pid, 'SIGKILL');
    await eventually(() =>
      up.lines.some(({ msg }) => String(msg).startsWith('egress ended by SIGKILL; starts again in')),
    );
    await eventually(() => up.lines.filter(isStartOfEgress).length === 2, { withinMs: 30_000 });
    const answered = await vagent(['chat'], 'How do I reset my 2FA?\n');
    expect(answered).toMatchObject({ code: 0, stdout: expect.stringContaining('recovery code') });
    await endCleanly(up, 'SIGINT');
  });

  it('ends, and leaves no process, when nobody listens any more', { timeout: 2 * minutes }, async () => {
    await using up = startUp(env);
    await up.ready();
    const children = childrenOf(up.pid);
    expect(children.length).toBeGreaterThanOrEqual(6);
    const closed = up.closeOutput();
    // Its last lines find the pipe closed.
    process.kill(Number(up.lines.find(isStartOfEgress)?.['pid']), 'SIGTERM');
    await closed;
    await eventually(() => aliveOf(children).length === 0 && childrenOf(up.pid).length === 0);
  });

  it('ends, and leaves no process, when the npm that started it is gone', {
    timeout: 2 * minutes,
  }, async () => {
    const log = join(await newFolder('npm'), 'log');
    // As npm does: a parent that runs the command and dies of a signal without passing it on.
    const npm = spawn('sh', ['-c', '"$0" "$1" up >"$2" 2>&1 & wait', process.execPath, launcher, log], {
      env: cliEnvironment({ ...env, npm_lifecycle_event: 'start' }),
      stdio: 'ignore',
    });
    const { pid: npmPid } = npm;
    if (npmPid === undefined) throw new Error('There is no sh');
    await using _ = { [Symbol.asyncDispose]: async () => void npm.kill('SIGKILL') };
    const readLog = () => readFile(log, 'utf8').catch(() => '');
    await eventually(async () => (await readLog()).includes('"msg":"Ready"'), { withinMs: minutes });
    const [up, ...others] = childrenOf(npmPid);
    if (up === undefined || others.length > 0) throw new Error('There is one child');
    const children = childrenOf(up.pid);
    expect(children.length).toBeGreaterThanOrEqual(6);
    npm.kill('SIGKILL');
    await eventually(() => aliveOf([up, ...children]).length === 0, { withinMs: 30_000 });
    expect(await readLog()).toContain('SIGTERM');
  });

  it('takes the Redis of a killed run over, with its data, and its services end by themselves', {
    timeout: 3 * minutes,
  }, async () => {
    await using first = startUp(env);
    await first.ready();
    const children = childrenOf(first.pid);
    await first.end('SIGKILL');
    await using up = startUp(env);
    await up.ready();
    expect((await vagent(['sessions', '--json'])).stdout).toContain('@you:localhost');
    await eventually(() => aliveOf(children).length === 0, {
      withinMs: 40_000,
      what: 'no process of the first run is left',
    });
    await endCleanly(up, 'SIGINT');
  });

  it.each(['Redis is being started', 'Redis', 'Homeserver'])(
    'leaves nothing behind when it is ended while it starts: %s',
    { timeout: 2 * minutes },
    async (step) => {
      const own = await newFolder('broken-off');
      await using up = startUp({ VAGENT_DIR: own });
      const hasCome = () =>
        step === 'Redis is being started'
          ? existsSync(join(own, 'redis', 'server.json'))
          : up.lines.some((line) => line['step'] === step);
      await eventually(hasCome, { withinMs: minutes, everyMs: 2 });
      const children = childrenOf(up.pid);
      expect(await up.end('SIGINT')).toBe(0);
      expect(aliveOf(children)).toEqual([]);
      const { port } = JSON.parse(await readFile(join(own, 'redis', 'server.json'), 'utf8'));
      expect(await isListening(port)).toBe(false);
      expect(existsSync(join(own, 'run.json'))).toBe(false);
    },
  );

  it('says what is wrong with a configuration, and ends', { timeout: minutes }, async () => {
    const own = await newFolder('wrong');
    const { code, stderr } = await runCli(['up'], {
      VAGENT_DIR: own,
      MATRIX_HOMESERVER: 'http://127.0.0.1:1',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('MATRIX_USER is missing');
    expect(stderr).toContain('ADMIN_ROOM_ID is missing');
  });

  it('runs Redis in Docker where there is no program, as ourselves and on loopback', {
    timeout: 2 * minutes,
  }, async () => {
    const own = await newFolder('docker');
    const path = await newFolder('path');
    await putDockerInto(path);
    await using up = startUp({ VAGENT_DIR: own, PATH: path });
    await up.ready();
    expect(up.lines.find(({ step }) => step === 'Redis')).toMatchObject({
      msg: expect.stringMatching(/^Redis: docker run redis:8 on 127\.0\.0\.1:\d+$/),
    });
    expect(await readFile(join(own, 'redis', 'docker-user'), 'utf8')).toBe(
      `${process.getuid?.()}:${process.getgid?.()}\n`,
    );
    expect(await up.end('SIGINT')).toBe(0);
  });

  it('uses the Redis that the environment names, and leaves it running', {
    timeout: 2 * minutes,
  }, async () => {
    const redisUrl = inject('redisUrl');
    const KEY_PREFIX = uniquePrefix('up');
    const VAGENT_DIR = await newFolder('given');
    await using up = startUp({ VAGENT_DIR, REDIS_URL: redisUrl, KEY_PREFIX });
    await up.ready();
    expect(await up.end('SIGINT')).toBe(0);
    const listed = await runCli(['streams', '--all', '--json'], {
      REDIS_URL: redisUrl,
      KEY_PREFIX,
      VAGENT_DIR,
    });
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('"stream":"inbound"') });
  });

  it('names the one command to type where there is no Redis to be had', { timeout: minutes }, async () => {
    const own = await newFolder('bare');
    const path = await newFolder('path');
    await symlink('/bin/sh', join(path, 'sh'));
    const { code, stderr } = await runCli(['up'], { VAGENT_DIR: own, PATH: path });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /vagent needs a Redis: .* Type: (sudo apt-get install -y redis-server|brew install redis)\n/,
    );
  });
});

/** A `docker` that knows the image already and runs the container's command on this machine, and a shell. */
async function putDockerInto(path: string): Promise<void> {
  const program = await findRedisServer(() => undefined, { mayInstall: false });
  await symlink('/bin/sh', join(path, 'sh'));
  const script = `#!/bin/sh
[ "$1" = run ] || exit 0
for argument in "$@"; do
  case "$argument" in
    --user=*) user=\${argument#--user=} ;;
    --publish=127.0.0.1:*:6379) port=\${argument#--publish=127.0.0.1:}; port=\${port%:6379} ;;
    --volume=*:/data) folder=\${argument#--volume=}; folder=\${folder%:/data} ;;
  esac
done
echo "$user" > "$folder/docker-user"
/bin/sed "s#/data#$folder#" "$folder/redis.conf" > "$folder/redis.conf.inside"
exec ${program} "$folder/redis.conf.inside" --port "$port" --bind 127.0.0.1
`;
  await writeFile(join(path, 'docker'), script, { mode: 0o755 });
}
