import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment } from './cli-process.ts';

const launcher = fileURLToPath(new URL('../../scripts/vagent.mjs', import.meta.url));

/** A Node of this machine that cannot read TypeScript; undefined where there is none. */
function findOldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((program) => {
    try {
      const version = execFileSync(program, ['--version'], { encoding: 'utf8' });
      const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
      return major < 22 || (major === 22 && minor < 18);
    } catch {
      return false;
    }
  });
}

const oldNode = findOldNode();

describe.skipIf(oldNode === undefined)(
  `the launcher under an old Node${oldNode === undefined ? ' (skipped: there is none at /usr/bin/node)' : ''}`,
  () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vagent-launcher-'));
    });

    afterAll(() => rm(folder, { recursive: true }));

    const run = (file: string, ...args: string[]) =>
      spawnSync(oldNode ?? '', [file, ...args], { env: cliEnvironment({}), encoding: 'utf8' });

    it('goes on with the Node of the project, exit code and all', () => {
      expect(run(launcher, '--help')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('vagent <command>'),
      });
      expect(run(launcher, 'docter')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('"vagent doctor"'),
      });
    });

    it('says what to type where that is missing', async () => {
      const scripts = join(folder, 'scripts');
      await mkdir(scripts);
      await copyFile(launcher, join(scripts, 'vagent.mjs'));
      expect(run(join(scripts, 'vagent.mjs'))).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /^vagent needs Node 22\.18 or newer, and this is v\d+.*: type npm ci\n$/,
        ),
      });
    });
  },
);
