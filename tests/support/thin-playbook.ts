import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isScalar, isSeq, parseDocument, visit } from 'yaml';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));

/** A copy of the example playbook in which of every list of examples only each nth message is left, as if nobody had written more. */
export async function thinPlaybook(nth: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-thin-'));
  await cp(example, dir, { recursive: true });
  const files = [
    ...(await filesIn(dir, 'flows')),
    ...(await filesIn(dir, 'agents')),
    'understanding/talk.yaml',
  ];
  for (const file of files) {
    const text = await readFile(join(dir, file), 'utf8');
    await writeFile(join(dir, file), thin(text, nth, file.startsWith('understanding/')));
  }
  return dir;
}

async function filesIn(dir: string, folder: string): Promise<string[]> {
  return (await readdir(join(dir, folder))).map((name) => `${folder}/${name}`);
}

function thin(text: string, nth: number, isEveryList: boolean): string {
  const document = parseDocument(text);
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isSeq(value) || !(isEveryList || (isScalar(key) && key.value === 'examples'))) return;
      value.items = value.items.filter((_item, index) => index % nth === 0);
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
