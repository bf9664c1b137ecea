import type { TreeCopy } from './copy-tree.ts';
import type { Mutant } from './mutant.ts';
import { runTests } from './run-tests.ts';

const limitMs = 5 * 60_000;

/**
 * Runs the tests of all mutants on the code as it is, and returns what is wrong with them: a test that fails anyway, or
 * of which there is none, catches nothing.
 */
export async function checkTests(
  tree: TreeCopy,
  mutants: readonly Mutant[],
  signal: AbortSignal,
): Promise<string[]> {
  const whole = mutants.filter(({ title }) => title === undefined).map(({ test }) => test);
  const parts = mutants.filter(({ title }) => title !== undefined);
  const titles = [...new Set(parts.map(({ title }) => `(?:${title})`))].join('|');
  const problems = await problemsOf(tree, whole, undefined, signal);
  return [
    ...problems,
    ...(await problemsOf(
      tree,
      parts.map(({ test }) => test),
      titles,
      signal,
    )),
  ];
}

async function problemsOf(
  tree: TreeCopy,
  tests: readonly string[],
  title: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const files = [...new Set(tests)];
  if (files.length === 0) return [];
  const run = await runTests(tree, { files, title, limitMs, signal, isStrict: false });
  const failed = [...run.failures, ...run.broken].map(
    (failure) => `${failure.title}: ${failure.message.trim().split('\n', 1)[0] ?? ''}`,
  );
  const missing = files
    .filter((file) => failed.length === 0 && (run.passed.get(file) ?? 0) === 0)
    .map((file) => `${file}: no test has passed`);
  const overdue = run.isOverdue ? [`did not end within ${limitMs / 1_000} s`] : [];
  return [...failed, ...missing, ...overdue];
}
