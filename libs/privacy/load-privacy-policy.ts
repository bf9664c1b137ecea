import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PlaybookError, type PlaybookProblem } from '#playbook/errors';
import { type PrivacyPolicy, piiStrategies } from '#playbook/policies';
import { readYaml } from '#playbook/read-yaml';

const file = 'policies.yaml';

const strategy = z.enum(piiStrategies).describe(`one of ${piiStrategies.join(', ')}`);
const privacy = z.strictObject({
  email: strategy.default('token'),
  phone: strategy.default('token'),
  card: strategy.default('mask'),
  iban: strategy.default('token'),
  ip: strategy.default('token'),
  api_key: strategy.default('hash'),
});
/** The rest of the file is for others to check. */
const policies = z.looseObject({ privacy: privacy.prefault({}) });

/**
 * What a playbook's `policies.yaml` says about personal data, and safe defaults where it says nothing. Read once: a
 * change counts after a restart.
 *
 * @throws {PlaybookError} where there is no such folder or the section cannot be used: nobody's data is let through
 * because of a slip in a file.
 */
export async function loadPrivacyPolicy(dir: string): Promise<PrivacyPolicy> {
  const text = await readIfThere(dir);
  const { value, problems } = readYaml(file, text, policies);
  if (value === undefined) throw new PlaybookError(dir, problems);
  return value.privacy;
}

async function readIfThere(dir: string): Promise<string> {
  try {
    return await readFile(join(dir, file), 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    if ((await stat(dir)).isDirectory()) return '';
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const problem: PlaybookProblem = {
    file,
    line: 1,
    column: 1,
    message: 'there is no such folder',
    hint: 'Set PLAYBOOK_DIR to the folder of the playbook, as for the worker',
  };
  throw new PlaybookError(dir, [problem]);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
