import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { jsonSchema } from '../libs/contract/json-schema.ts';
import { publishSchemas } from '../libs/playbook/publish-schemas.ts';

/**
 * Writes `streams.schema.json`, and the schemas of a playbook's files for editors; with `--check` it only compares,
 * and exits with 1 on a difference.
 */
const root = new URL('../', import.meta.url);
const published = new URL('libs/playbook/published/', root);

if (process.argv.includes('--check')) await compareAll();
else await writeAll();

async function compareAll(): Promise<void> {
  const streams = await readFile(new URL('streams.schema.json', root), 'utf8').catch(() => undefined);
  if (streams !== textOf(jsonSchema())) fail('streams.schema.json differs from libs/contract');
  const schemas = publishSchemas();
  for (const [name, schema] of Object.entries(schemas)) {
    const written = await readFile(new URL(name, published), 'utf8').catch(() => '');
    // By content: a formatter may have been there.
    if (contentOf(written) !== JSON.stringify(schema))
      fail(`libs/playbook/published/${name} differs from libs/playbook/schemas`);
  }
  for (const name of (await publishedNames()).filter((file) => !Object.hasOwn(schemas, file)))
    fail(`libs/playbook/published/${name} belongs to no file of a playbook`);
}

async function writeAll(): Promise<void> {
  await writeFile(new URL('streams.schema.json', root), textOf(jsonSchema()));
  await mkdir(published, { recursive: true });
  const schemas = publishSchemas();
  for (const name of (await publishedNames()).filter((file) => !Object.hasOwn(schemas, file)))
    await rm(new URL(name, published));
  for (const [name, schema] of Object.entries(schemas))
    await writeFile(new URL(name, published), textOf(schema));
}

async function publishedNames(): Promise<string[]> {
  const names = await readdir(published).catch(() => []);
  return names.filter((name) => name.endsWith('.schema.json'));
}

/** JSON without its layout; undefined where it is none. */
function contentOf(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function textOf(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function fail(what: string): void {
  process.stderr.write(`${what}: run "npm run schema" and commit it.\n`);
  process.exitCode = 1;
}
