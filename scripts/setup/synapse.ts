import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './synapse-lock.ts';
import { findDebianMirror } from './synapse-mirror.ts';
import { removeTree } from './synapse-remove-tree.ts';

const run = promisify(execFile);

/** Where a Synapse can be run from on this machine, or why there is none. */
export type SynapseInstall =
  | { kind: 'chroot'; folder: string }
  | { kind: 'docker'; image: string }
  | { kind: 'none'; reason: string };

const image = 'matrixdotorg/synapse:v1.160.0';
/** The independent client with its end-to-end part is for the suites in encrypted rooms. */
const packages = 'matrix-synapse python3-cffi-backend ca-certificates python3-matrix-nio';
/** Written last, with what was installed: a folder without it is half finished, one with other packages lacks some. */
const marker = 'vagent-synapse-ready';
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' };

/**
 * Finds a real Synapse, fetching it where this is allowed: as root on a Debian system, Debian sid with its
 * `matrix-synapse` in `$VAGENT_CACHE/synapse-sid` (default `~/.cache/vagent`), kept between runs; else Synapse's
 * image where Docker runs.
 */
export async function findSynapse(say: (line: string) => void): Promise<SynapseInstall> {
  const cache = process.env['VAGENT_CACHE'] ?? join(homedir(), '.cache', 'vagent');
  const folder = join(cache, 'synapse-sid');
  const obstacle = chrootObstacle();
  if (obstacle === undefined) {
    await mkdir(cache, { recursive: true });
    await withLock(join(cache, 'synapse-sid.lock'), () => ensureChroot(folder, say));
    return { kind: 'chroot', folder };
  }
  if (dockerRuns()) return { kind: 'docker', image };
  return { kind: 'none', reason: `No Synapse here: ${obstacle}, and Docker does not run.` };
}

function chrootObstacle(): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  if (process.getuid?.() !== 0) return 'unpacking Debian packages needs root';
  if (!isOnPath('apt-get')) return 'there is no apt-get';
  if (!isOnPath('unshare')) return 'there is no unshare (package util-linux)';
  if (findDebianMirror() === undefined) return "apt's sources name no Debian mirror";
  return undefined;
}

async function ensureChroot(folder: string, say: (line: string) => void): Promise<void> {
  const installed = await readFile(join(folder, marker), 'utf8').catch(() => undefined);
  if (installed === packages) return;
  if (installed !== undefined) {
    say(`Adding what is new to ${folder} …`);
    await installSynapse(folder);
    return writeFile(join(folder, marker), packages);
  }
  const mirror = findDebianMirror();
  if (mirror === undefined) throw new Error("apt's sources name no Debian mirror any more");
  if (existsSync(folder)) {
    say(`${folder} is half finished: starting again`);
    await removeTree(folder);
  }
  if (!isOnPath('debootstrap')) await installDebootstrap(say);
  say(`Unpacking Debian sid with Synapse into ${folder} (once, some minutes, about 750 MB) …`);
  await runLogged('debootstrap', ['--variant=minbase', 'sid', folder, mirror]);
  await installSynapse(folder);
  await writeFile(join(folder, marker), packages);
  say('Synapse is ready.');
}

async function installDebootstrap(say: (line: string) => void): Promise<void> {
  say('Installing debootstrap …');
  await runLogged('apt-get', ['update']);
  await runLogged('apt-get', ['install', '-y', '--no-install-recommends', 'debootstrap']);
}

/**
 * The packages' scripts want /proc and /dev. They are mounted in a mount namespace of this one command, so that they
 * are gone when it ends, however it ends, and removing the folder can never reach the machine's own /dev.
 */
async function installSynapse(folder: string): Promise<void> {
  // A mirror may be a frozen copy whose validity date has passed; signatures are checked all the same.
  const apt = 'apt-get -o Acquire::Check-Valid-Until=false';
  const script = `set -e
mount --rbind /proc "$1/proc"
mount --rbind /dev "$1/dev"
chroot "$1" ${apt} update
chroot "$1" ${apt} install -y --no-install-recommends ${packages}
chroot "$1" apt-get clean`;
  await runLogged('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder]);
}

async function runLogged(program: string, args: string[]): Promise<void> {
  try {
    await run(program, args, { env: aptEnvironment, maxBuffer: 1 << 26 });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? `${String(error.stderr).slice(-2000)}` : '';
    throw new Error(`Cannot set up Synapse: ${program} failed. ${output}`, { cause: error });
  }
}

const isOnPath = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

const dockerRuns = (): boolean =>
  isOnPath('docker') && spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
