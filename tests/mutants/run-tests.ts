import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { TreeCopy } from './copy-tree.ts';

/** What Vitest's JSON reporter writes, as far as it is read here. */
const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(''),
      status: z.enum(['passed', 'failed']),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']),
          failureMessages: z.array(z.string()).nullable().default([]),
        }),
      ),
    }),
  ),
});

export interface TestFailure {
  readonly title: string;
  readonly message: string;
}

export interface TestRun {
  /** How many tests passed, by file. */
  readonly passed: ReadonlyMap<string, number>;
  readonly failures: readonly TestFailure[];
  /** Files that failed as a whole, e.g. because they could not be loaded, and why. */
  readonly broken: readonly TestFailure[];
  /** It was ended because it took longer than it may. */
  readonly isOverdue: boolean;
  readonly exitCode: number | null;
  /** What it printed, where that may help. */
  readonly output: string;
}

export interface TestRunOptions {
  readonly files: readonly string[];
  readonly title?: string | undefined;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Ends at the first test that fails, at the first try; else a test that fails is tried once more. */
  readonly isStrict: boolean;
}

/** How long one test and one hook may take: what never comes is waited for by one test only, and not for long. */
const times = ['--testTimeout=60000', '--hookTimeout=60000'];
const longestOutput = 20_000;

/** Runs test files of the copy. Everything that it has started is gone when it resolves. */
export async function runTests(tree: TreeCopy, options: TestRunOptions): Promise<TestRun> {
  const { files, title, limitMs, signal, isStrict } = options;
  const outputFile = join(tree.temporary, 'report.json');
  await rm(outputFile, { force: true });
  const program = join(tree.path, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=json', `--outputFile=${outputFile}`];
  const given = [
    ...(title === undefined ? [] : ['-t', patternOf(title)]),
    ...(isStrict ? ['--retry=0', '--bail=1'] : ['--retry=1']),
  ];
  const args = [program, 'run', ...times, ...reporters, ...given, ...files];
  const child = spawn(process.execPath, args, {
    cwd: tree.path,
    env: environment(tree),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that what it has started can be ended with it.
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = `${output}${chunk.toString()}`.slice(-longestOutput);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'exit');
  const isOverdue = await isLate(ended, limitMs, signal);
  endGroup(child.pid);
  await ended;
  const read = await readReport(outputFile, tree.path);
  return { ...read, isOverdue, exitCode: child.exitCode, output };
}

/** For Vitest's `-t`, which writes " > " between a suite and its tests, where a title has a blank. */
function patternOf(title: string): string {
  return title.replaceAll(' ', '(?: | > )');
}

/** Whether the time was over, or the signal came, before the end. */
async function isLate(ended: Promise<unknown>, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  const isOver = await Promise.race([
    ended.then(() => false),
    late.then(
      () => true,
      () => true,
    ),
  ]);
  over.abort();
  return isOver;
}

function environment(tree: TreeCopy): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // Nothing of ours stays behind, neither files of tests that were ended nor compiled mutants.
    TMPDIR: tree.temporary,
    NODE_COMPILE_CACHE: join(tree.temporary, 'compile-cache'),
    // What a mutant has broken is waited for in vain.
    TEST_PATIENCE: process.env['TEST_PATIENCE'] ?? '1',
    NO_COLOR: '1',
    CI: '1',
  };
}

/** Ends what is left of the group, after its leader too: no other group can have its number while a member lives. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function readReport(
  file: string,
  root: string,
): Promise<Pick<TestRun, 'passed' | 'failures' | 'broken'>> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: new Map(), failures: [], broken: [] };
  const { testResults } = report.parse(JSON.parse(text));
  const failures: TestFailure[] = [];
  const broken: TestFailure[] = [];
  const passed = new Map<string, number>();
  for (const { name, message, status, assertionResults } of testResults) {
    const path = relative(root, name);
    passed.set(path, assertionResults.filter((test) => test.status === 'passed').length);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) {
      failures.push({ title: test.fullName.trim(), message: messageOf(test.failureMessages ?? []) });
    }
    if (status === 'failed' && failed.length === 0) broken.push({ title: path, message });
  }
  return { passed, failures, broken };
}

/** Vitest hides in its JSON why a test that ran out of time has failed. */
function messageOf(messages: readonly string[]): string {
  return messages.join('\n').trim().replace('Error: STACK_TRACE_ERROR', 'It took too long');
}
