import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Ends a run with one plain line: `N passed, N failed` (and `, N skipped`), for scripts that add runs up. */
export default class CountReporter implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #skipped: string[] = [];
  readonly #unsteady: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'pending') return;
    this.#counts[state] += 1;
    if (state === 'skipped') this.#skipped.push(test.fullName);
    if (test.diagnostic()?.flaky === true) this.#unsteady.push(test.fullName);
  }

  /** A file that could not even be loaded has no test cases to count. */
  onTestModuleEnd(module: TestModule): void {
    this.#counts.failed += module.errors().length;
  }

  onTestRunEnd(_modules: unknown, unhandledErrors: readonly unknown[]): void {
    const { passed, failed, skipped } = this.#counts;
    for (const name of this.#unsteady) process.stdout.write(`unsteady, passed at the second try: ${name}\n`);
    for (const name of this.#skipped) process.stdout.write(`skipped: ${name}\n`);
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    process.stdout.write(`${passed} passed, ${failed + unhandledErrors.length} failed${tail}\n`);
  }
}
