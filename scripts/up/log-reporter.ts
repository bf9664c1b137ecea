import type { Logger } from 'pino';
import type { Reporter } from './reporter.ts';

/** For a run without a terminal: JSON lines, the services' own among them, as they are. */
export function createLogReporter(log: Logger, output: { write(text: string): unknown }): Reporter {
  return {
    begin: (what) => {
      const startedAt = performance.now();
      return (outcome, details = {}) => {
        log.info(
          { ...details, step: what, ms: Math.round(performance.now() - startedAt) },
          `${what}: ${outcome}`,
        );
      };
    },
    info: (message, details = {}) => log.info(details, message),
    warn: (message, details = {}) => log.warn(details, message),
    serviceLine: (service, line) => {
      if (line.startsWith('{')) output.write(`${line}\n`);
      else if (line.trim() !== '') log.debug({ from: service }, line);
    },
  };
}
