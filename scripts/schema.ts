import { readFile, writeFile } from 'node:fs/promises';
import { jsonSchema } from '../libs/contract/json-schema.ts';

/** Writes `streams.schema.json`; with `--check` it only compares, and exits with 1 on a difference. */
const file = new URL('../streams.schema.json', import.meta.url);
const text = `${JSON.stringify(jsonSchema(), null, 2)}\n`;
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8')) !== text) {
    process.stderr.write(
      'streams.schema.json differs from libs/contract: run "npm run schema" and commit it.\n',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, text);
}
