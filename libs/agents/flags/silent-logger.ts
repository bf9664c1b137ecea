import type { Logger } from '@openfeature/server-sdk';

/** OpenFeature and flagd write to the console by default; what matters is told by `onProblem`. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
