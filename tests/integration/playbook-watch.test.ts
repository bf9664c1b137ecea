import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPlaybook } from '#playbook/load-playbook';
import { type PlaybookChange, type PlaybookWatch, watchPlaybook } from '#playbook/watch-playbook';
import { eventually } from '../support/eventually.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const options = { reviewers: ['@ann:example.org'] };

let base: string;
let dir: string;
let changes: PlaybookChange[];
let watches: PlaybookWatch[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'vagent-watch-'));
  dir = join(base, 'playbook');
  await cp(example, dir, { recursive: true });
  changes = [];
  watches = [];
});

afterEach(async () => {
  for (const watch of watches) await watch.stop();
  await rm(base, { recursive: true, force: true });
});

/** Watches the folder as somebody does who has loaded it, and waits until it is being watched. */
async function begin(given: { recheckMs?: number } = {}): Promise<PlaybookWatch> {
  const { version } = await loadPlaybook(dir, options);
  const watch = watchPlaybook(dir, (change) => void changes.push(change), {
    ...options,
    version,
    quietMs: 60,
    ...given,
  });
  watches.push(watch);
  await watch.check();
  return watch;
}

/** Waits until an expectation is met. */
const shows = (expectation: () => void): Promise<true> =>
  eventually(() => {
    expectation();
    return true;
  });
const kinds = (): string[] => changes.map(({ kind }) => kind);
const namesLoaded = (): string[] =>
  changes.flatMap((change) => (change.kind === 'loaded' ? [change.playbook.name] : []));
/** All at once: a file that is seen half-written is a change of its own. */
async function put(file: string, text: string | Uint8Array): Promise<void> {
  const next = join(base, 'next');
  await writeFile(next, text);
  await rename(next, join(dir, file));
}
const renamed = async (name: string): Promise<string> =>
  (await readFile(join(dir, 'playbook.yaml'), 'utf8')).replace(/^name: .*$/m, `name: ${name}`);

describe('watchPlaybook', () => {
  it('tells another version once, with the files that it is made of', async () => {
    const watch = await begin();
    await put('playbook.yaml', await renamed('New desk'));
    await shows(() => expect(namesLoaded()).toEqual(['New desk']));
    await watch.check();
    await watch.check();
    expect(changes).toHaveLength(1);
    const [change] = changes;
    expect(change?.kind === 'loaded' && change.files.texts['playbook.yaml']).toContain('name: New desk');
  });

  it('refuses a broken edit once, then takes what mends it', async () => {
    const watch = await begin();
    await put('playbook.yaml', 'name: [broken\n');
    await shows(() => expect(kinds()).toEqual(['refused']));
    await watch.check();
    expect(changes).toHaveLength(1);
    const [change] = changes;
    expect(change?.kind === 'refused' && change.error.problems[0]).toMatchObject({ file: 'playbook.yaml' });
    await put('flows/refund.yaml', 'nothing: here\n');
    await shows(() => expect(kinds()).toEqual(['refused', 'refused']));
    await cp(join(example, 'flows', 'refund.yaml'), join(dir, 'flows', 'refund.yaml'));
    await cp(join(example, 'playbook.yaml'), join(dir, 'playbook.yaml'));
    await watch.check();
    expect(namesLoaded()).toEqual([]);
    await put('playbook.yaml', await renamed('Mended'));
    await shows(() => expect(namesLoaded()).toEqual(['Mended']));
  });

  it('tells nothing of an edit that changes nothing, nor of tests', async () => {
    const watch = await begin();
    await put('playbook.yaml', await readFile(join(dir, 'playbook.yaml')));
    await put('understanding/labelled.yaml', '[]\n');
    await watch.check();
    expect(changes).toEqual([]);
  });

  it('sees what editors write by renaming', async () => {
    await begin();
    const target = join(dir, 'playbook.yaml');
    for (const name of ['First', 'Second']) {
      const text = await renamed(name);
      await writeFile(`${target}.tmp~`, text);
      await rename(target, `${target}.bak~`);
      await rename(`${target}.tmp~`, target);
      await shows(() => expect(namesLoaded().at(-1)).toBe(name));
    }
  });

  it('sees files that are added and removed', async () => {
    await begin();
    await put('knowledge/new.md', '# New\n\nText.\n');
    await shows(() => expect(kinds()).toEqual(['loaded']));
    await rm(join(dir, 'knowledge', 'new.md'));
    await shows(() => expect(kinds()).toEqual(['loaded', 'loaded']));
  });

  it('sees a swapped revision of a mounted ConfigMap', async () => {
    const [one, two] = ['..2026_1', '..2026_2'].map((name) => join(base, 'mounted', name));
    await cp(dir, one ?? '', { recursive: true });
    await cp(dir, two ?? '', { recursive: true });
    await writeFile(join(two ?? '', 'playbook.yaml'), await renamed('Second revision'));
    dir = join(base, 'mounted');
    await symlink('..2026_1', join(dir, '..data'));
    for (const name of [
      'playbook.yaml',
      'policies.yaml',
      'flags.json',
      'agents',
      'flows',
      'sops',
      'knowledge',
    ])
      await symlink(join('..data', name), join(dir, name));
    await symlink(join('..data', 'understanding'), join(dir, 'understanding'));
    await begin();
    await symlink('..2026_2', join(dir, '..data_tmp'));
    await rename(join(dir, '..data_tmp'), join(dir, '..data'));
    await rm(one ?? '', { recursive: true });
    await shows(() => expect(namesLoaded()).toEqual(['Second revision']));
    expect(kinds()).toEqual(['loaded']);
  });

  it('tells of a folder that is removed, and goes on with the one that comes in its place', async () => {
    await begin({ recheckMs: 50 });
    await rename(dir, `${dir}-away`);
    await shows(() => expect(kinds().at(-1)).toBe('refused'));
    await writeFile(
      join(`${dir}-away`, 'playbook.yaml'),
      (await readFile(join(example, 'playbook.yaml'), 'utf8')).replace(/^name: .*$/m, 'name: Back'),
    );
    await rename(`${dir}-away`, dir);
    await shows(() => expect(namesLoaded()).toEqual(['Back']));
    await put('playbook.yaml', await renamed('Watched again'));
    await shows(() => expect(namesLoaded()).toEqual(['Back', 'Watched again']));
  });

  it('tells a change again that could not be taken', async () => {
    const { version } = await loadPlaybook(dir, options);
    let failures = 2;
    const watch = watchPlaybook(
      dir,
      async (change) => {
        failures -= 1;
        if (failures >= 0) throw new Error('the archive cannot be reached');
        changes.push(change);
      },
      { ...options, version, quietMs: 20, recheckMs: 30 },
    );
    watches.push(watch);
    await watch.check();
    await put('playbook.yaml', await renamed('In the end'));
    await shows(() => expect(namesLoaded()).toEqual(['In the end']));
    await watch.check();
    expect(changes).toHaveLength(1);
  });

  it('tells changes one after the other, and none after it has stopped', async () => {
    const { version } = await loadPlaybook(dir, options);
    let running = 0;
    let most = 0;
    let told = 0;
    const watch = watchPlaybook(
      dir,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        told += 1;
        running -= 1;
      },
      { ...options, version, quietMs: 10 },
    );
    watches.push(watch);
    await watch.check();
    for (const name of ['A', 'B', 'C']) {
      await put('playbook.yaml', await renamed(name));
      await Promise.all([watch.check(), watch.check()]);
    }
    await shows(() => expect(told).toBe(3));
    expect(most).toBe(1);
    await watch.stop();
    await watch.stop();
    await put('playbook.yaml', await renamed('D'));
    await watch.check();
    expect(told).toBe(3);
  });
});
