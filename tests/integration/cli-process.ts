import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const launcher = fileURLToPath(new URL('../../scripts/vagent.mjs', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment in which nothing says where Redis or the homeserver is but `env`. */
export function cliEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const cache = process.env['NODE_COMPILE_CACHE'];
  const own = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  return { ...own, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }), ...env };
}

/** Starts `vagent …` as a process of its own. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  node = process.execPath,
): ChildProcess {
  return spawn(node, [launcher, ...args], { env: cliEnvironment(env), stdio: 'pipe' });
}

/** Runs `vagent …` to its end. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<CliResult> {
  const child = startCli(args, env);
  child.stdin?.end(input);
  const ended = once(child, 'close');
  if (child.stdout === null || child.stderr === null) throw new Error('The process has no output');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, stdout, stderr };
}
