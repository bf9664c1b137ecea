import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Environment } from '#runtime/read-config';
import { CommandError } from '../cli/errors.ts';

/** `VAGENT_DIR`, by default `.vagent` in the current folder: everything that `vagent up` keeps on this machine. */
export function stateFolder(env: Environment): string {
  return resolve(env['VAGENT_DIR']?.trim() || '.vagent');
}

/** @throws {CommandError} where it cannot be made, or is somebody else's. */
export async function createStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'set VAGENT_DIR to a folder of your own';
    throw new CommandError(`${folder} cannot be used (${reason}): ${remedy}`, { cause: error });
  }
}

/** Undefined where there is no such file. @throws {CommandError} on one that is not of this shape, naming it. */
export async function readState<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const path = join(folder, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = z.string().transform(toJson).pipe(schema).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `${path} cannot be read (${z.prettifyError(parsed.error)}): delete it and start again`,
  );
}

/** Writes all of it or nothing, readable by the owner alone. */
export async function writeState(folder: string, name: string, value: unknown): Promise<void> {
  const path = join(folder, name);
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeState(folder: string, name: string): Promise<void> {
  await rm(join(folder, name), { force: true });
}

function toJson(text: string, context: z.core.$RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
}
