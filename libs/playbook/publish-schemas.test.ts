import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { publishSchemas } from './publish-schemas.ts';
import { readPlaybookFiles } from './read-playbook-files.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const published = fileURLToPath(new URL('published/', import.meta.url));

/** The name of the schema for a file of a playbook. */
function schemaOf(file: string): string | undefined {
  if (file.startsWith('agents/')) return 'agent';
  if (file.startsWith('flows/')) return 'flow';
  if (file.startsWith('dialogues/')) return 'dialogue';
  return /^(?:understanding\/)?(\w+)\.(?:yaml|json)$/.exec(file)?.[1];
}

describe('publishSchemas', () => {
  it('gives what is checked in', async () => {
    const schemas = publishSchemas();
    expect((await readdir(published)).toSorted()).toEqual(Object.keys(schemas).toSorted());
    for (const [name, schema] of Object.entries(schemas))
      expect(JSON.parse(await readFile(`${published}${name}`, 'utf8'))).toEqual(schema);
  });

  it('accepts every file of the example, and refuses an unknown key in it', async () => {
    const schemas = publishSchemas();
    const { texts, tests } = await readPlaybookFiles(example);
    const files = Object.entries({ ...texts, ...tests }).filter(([file]) => !file.endsWith('.md'));
    expect(files.length).toBeGreaterThan(20);
    for (const [file, text] of files) {
      // Read back as an editor would, from the JSON Schema alone.
      const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(schemas[`${schemaOf(file)}.schema.json`])));
      const data: unknown = parse(text);
      expect({ file, problems: schema.safeParse(data).error?.issues }).toEqual({ file, problems: undefined });
      if (file === 'flags.json' || Array.isArray(data)) continue;
      expect(schema.safeParse({ ...Object(data), nonsense: 1 }).success).toBe(false);
    }
  });

  it('describes every key at the top of every file, for what editors show', () => {
    const described = z.looseObject({
      properties: z.record(z.string(), z.object({ description: z.string() })),
    });
    for (const [name, schema] of Object.entries(publishSchemas())) {
      if (name === 'labelled.schema.json') continue;
      expect({ name, problems: described.safeParse(schema).error?.issues }).toEqual({
        name,
        problems: undefined,
      });
    }
  });
});
