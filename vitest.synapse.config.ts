import { defineConfig } from 'vitest/config';

/** The suites against a real Synapse; `npm test` leaves them out because the first run downloads one. */
export default defineConfig({
  test: {
    include: ['tests/e2e/synapse/**/*.test.ts'],
    globalSetup: ['tests/support/shared-redis.ts'],
    reporters: ['default', './tests/support/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
  },
});
