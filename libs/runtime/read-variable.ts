import { readFileSync } from 'node:fs';
import type { Environment } from './read-config.ts';

export type Variable =
  | { readonly kind: 'missing' }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'problem'; readonly problem: string; readonly remedy: string };

/**
 * Reads one variable from `NAME`, or from the file that `NAME_FILE` names, less one newline at its end. Blank
 * counts as missing, except for a file, which was named on purpose.
 */
export function readVariable(name: string, env: Environment): Variable {
  const value = presentIn(env, name);
  const path = presentIn(env, `${name}_FILE`);
  if (path === undefined) return value === undefined ? { kind: 'missing' } : { kind: 'value', value };
  if (value !== undefined) {
    const problem = `is set, and ${name}_FILE is set too`;
    return { kind: 'problem', problem, remedy: 'Unset one of the two' };
  }
  return readFrom(path.trim(), name);
}

function presentIn(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === '' ? undefined : value;
}

function readFrom(path: string, name: string): Variable {
  const remedy = `Set ${name}_FILE to a readable file that holds only the value, or set ${name}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { kind: 'problem', problem: `cannot be read from the file ${path} (${code})`, remedy };
  }
  const value = text.replace(/\r?\n$/, '');
  if (value.trim() === '') {
    return { kind: 'problem', problem: `is to come from the file ${path}, which is empty`, remedy };
  }
  return { kind: 'value', value };
}
