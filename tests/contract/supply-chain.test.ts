import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);
const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(name, root), 'utf8'));

const versions = z.record(z.string(), z.string()).default({});
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    optionalDependencies: versions,
    overrides: versions,
    allowScripts: z.record(z.string(), z.boolean()),
    workspaces: z.array(z.string()),
  })
  .parse(await read('package.json'));
const entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
});
const lock = z
  .object({ lockfileVersion: z.number(), packages: z.record(z.string(), entry) })
  .parse(await read('package-lock.json'));

/** What comes from a registry: not the root, nor our own stand-ins below libs, nor the links to them. */
const packages = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.startsWith('node_modules/') && !link,
);
const production = packages.filter(([, { dev, devOptional }]) => !dev && !devOptional);
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Each may be part of a product under Apache-2.0: permissive, or public domain. */
const licences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  // Ours to choose: MIT.
  'MIT or MPL-2.0',
  'PSF-2.0',
  'Unlicense',
]);

describe('T26: what others wrote', () => {
  it('is installed as it was when we looked at it: every package has a hash of its content', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(packages.length).toBeGreaterThan(300);
    const without = packages.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(without.map(([path]) => path)).toEqual([]);
  });

  it('comes from the registry: none from git, from an address, or from a folder but our own', () => {
    const asked = [
      manifest.dependencies,
      manifest.devDependencies,
      manifest.optionalDependencies,
      manifest.overrides,
    ];
    const odd = asked
      .flatMap(Object.entries)
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(odd, 'every version is one version').toEqual([]);
    const elsewhere = Object.entries(lock.packages).filter(([, { resolved = '', link }]) =>
      link ? !resolved.startsWith('libs/matrix/vendor/') : /^(git|http:|file:)/.test(resolved),
    );
    expect(elsewhere).toEqual([]);
    expect(manifest.workspaces).toEqual(['libs/matrix/vendor/*']);
  });

  it('runs no script when it is installed: who has one is named, and refused', () => {
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => nameOf(path));
    expect(scripted.sort()).toEqual(Object.keys(manifest.allowScripts).sort());
    expect(Object.values(manifest.allowScripts)).not.toContain(true);
  });

  it('may be part of what we give away under Apache-2.0', () => {
    const refused = production
      .filter(([, { license }]) => !licences.has(license ?? ''))
      .map(([path, { license }]) => `${path}: ${license ?? 'no licence'}`);
    expect(refused).toEqual([]);
  });

  it('does not grow by itself: more packages than these are a decision', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(48);
    expect(production.length).toBeLessThanOrEqual(420);
  });

  it('can be listed: npm writes a bill of materials with every package of production', {
    timeout: 60_000,
  }, () => {
    // Without --omit dev: with it, npm 11 leaves out what both production and development need.
    const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
    const cwd = fileURLToPath(root);
    const text = execFileSync('npm', args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const component = z.looseObject({ purl: z.string() });
    const { components } = z.looseObject({ components: z.array(component) }).parse(JSON.parse(text));
    const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl)));
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(listed.has(`pkg:npm/${name}@${version}`), name).toBe(true);
  });
});
