import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// For the workers of the tests and the processes that they start: what was compiled once is not compiled again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('node_modules/.cache/node-compile', import.meta.url),
);

export default defineConfig({
  test: {
    include: ['libs/**/*.test.ts', 'services/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/e2e/synapse/**'],
    globalSetup: ['tests/support/shared-redis.ts'],
    reporters: ['default', './tests/support/count-reporter.ts'],
    // Far more than any test takes where it was written: machines that run them may be several times slower.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    // Once more where a machine stood still for a moment; the report names each test that needed it.
    retry: 1,
    maxWorkers: 2,
  },
});
