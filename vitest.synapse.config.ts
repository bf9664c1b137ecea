import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// For the workers of the tests and the processes that they start: what was compiled once is not compiled again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('node_modules/.cache/node-compile', import.meta.url),
);

/** The suites against a real Synapse; `npm test` leaves them out because the first run downloads one. */
export default defineConfig({
  test: {
    include: ['tests/e2e/synapse/**/*.test.ts'],
    globalSetup: ['tests/support/shared-redis.ts'],
    reporters: ['default', './tests/support/count-reporter.ts'],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    // Once more where a machine stood still for a moment; the report names each test that needed it.
    retry: 1,
    maxWorkers: 2,
  },
});
