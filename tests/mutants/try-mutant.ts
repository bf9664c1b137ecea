import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyEdit } from './apply-edit.ts';
import type { TreeCopy } from './copy-tree.ts';
import type { Mutant } from './mutant.ts';
import { runTests, type TestRun } from './run-tests.ts';

export type Fate =
  /** A test failed, as it must. */
  | { readonly kind: 'caught'; readonly by: string }
  | { readonly kind: 'survived' }
  /** Nothing was learnt: it does not apply, does not load, or its tests did not come to an end. */
  | { readonly kind: 'void'; readonly reason: string };

/** How long the tests of one mutant may take, their start included. In milliseconds. */
const limitMs = 90_000;

/** Tells mutants that are no programs any more; a test that fails for this has not caught anything. */
const notLoaded =
  /\b(SyntaxError|ReferenceError)\b|Error compiling script|Script attempted to access nonexistent/;

/** Puts the mutant into the copy, runs its tests there, and takes it out again. */
export async function tryMutant(tree: TreeCopy, mutant: Mutant, signal: AbortSignal): Promise<Fate> {
  const originals = new Map<string, string>();
  try {
    for (const edit of mutant.edits) {
      const path = join(tree.path, edit.file);
      const source = await readFile(path, 'utf8');
      const applied = applyEdit(source, edit);
      if (!applied.ok) return { kind: 'void', reason: applied.reason };
      if (!originals.has(path)) originals.set(path, source);
      await writeFile(path, applied.source);
    }
    const { test, title } = mutant;
    return fateOf(mutant, await runTests(tree, { files: [test], title, limitMs, signal, isStrict: true }));
  } finally {
    for (const [path, source] of originals) await writeFile(path, source);
  }
}

function fateOf({ test }: Mutant, run: TestRun): Fate {
  const [failure] = run.failures;
  if (failure !== undefined) {
    if (!notLoaded.test(failure.message)) return { kind: 'caught', by: failure.title };
    return { kind: 'void', reason: `it does not even load: ${firstLine(failure.message)}` };
  }
  const [broken] = run.broken;
  if (broken !== undefined) {
    return { kind: 'void', reason: `${broken.title} did not even load: ${firstLine(broken.message)}` };
  }
  if (run.isOverdue) return { kind: 'void', reason: `its tests did not end within ${limitMs / 1_000} s` };
  if (run.exitCode === 0 && (run.passed.get(test) ?? 0) > 0) return { kind: 'survived' };
  const end = `${test} ended with code ${run.exitCode} and no failed test`;
  return { kind: 'void', reason: `${end}: ${run.output.trim().slice(-500)}` };
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
