import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

export interface TestPlaybook extends AsyncDisposable {
  /** For `PLAYBOOK_DIR`. */
  readonly folder: string;
  /** Replaces texts in one of its files; each has to stand there. */
  edit(file: string, ...replacements: readonly Replacement[]): Promise<void>;
  remove(file: string): Promise<void>;
}

export type Replacement = readonly [before: string, after: string];
/** Replacements by the name of the file, e.g. `flows/refund.yaml`. */
export type PlaybookEdits = Readonly<Record<string, readonly Replacement[]>>;

/** The example playbook with another policy for `delete_records`. */
export async function writePlaybook(policy: Readonly<Record<string, unknown>>): Promise<TestPlaybook> {
  const playbook = await copyPlaybook();
  await writeFile(join(playbook.folder, 'policies.yaml'), stringify({ tools: { delete_records: policy } }));
  return playbook;
}

/** The example playbook in a folder of its own, with small edits. */
export async function copyPlaybook(edits: PlaybookEdits = {}): Promise<TestPlaybook> {
  const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'vagent-playbook-'));
  await cp(example, folder, { recursive: true });
  const edit = async (file: string, ...replacements: readonly Replacement[]): Promise<void> => {
    const path = join(folder, file);
    let text = await readFile(path, 'utf8');
    for (const [before, after] of replacements) {
      if (!text.includes(before)) throw new Error(`${file} of the example does not hold "${before}"`);
      text = text.replace(before, () => after);
    }
    // At once: a worker that watches must not see it half-written.
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  for (const [file, replacements] of Object.entries(edits)) await edit(file, ...replacements);
  return {
    folder,
    edit,
    remove: (file) => rm(join(folder, file)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
