import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

export interface TestPlaybook extends AsyncDisposable {
  /** For `PLAYBOOK_DIR`. */
  readonly folder: string;
}

/** The example playbook with another policy for `delete_records`. */
export async function writePlaybook(policy: Readonly<Record<string, unknown>>): Promise<TestPlaybook> {
  const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'vagent-playbook-'));
  await cp(example, folder, { recursive: true });
  await writeFile(join(folder, 'policies.yaml'), stringify({ delete_records: policy }));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
