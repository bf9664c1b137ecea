import { watchParent } from '#runtime/watch-parent';
import type { Reporter } from './reporter.ts';
import type { System } from './system.ts';

/** Somebody wants the system to end: no failure. */
class StopRequest extends Error {
  override readonly name = 'StopRequest';
}

/** A terminal signals the whole process group, and npm passes it on: that is one request. */
const sameRequestMs = 500;

/**
 * Starts the system, keeps it until `whileUp` is done or a signal asks for the end, and stops it. A second signal
 * kills what is left and exits.
 *
 * @throws what kept the system from starting or made it end.
 */
export async function runSystem(
  system: System,
  reporter: Reporter,
  whileUp: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const forgetSignals = watchSignals(system, reporter);
  const forgetCrashes = watchCrashes(system, reporter);
  let failure: Error | undefined;
  try {
    await system.start();
    await whileUp(system.signal);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  await system.stop(failure ?? new StopRequest('done'));
  forgetSignals();
  forgetCrashes();
  const reason: unknown = system.signal.reason;
  if (!(reason instanceof StopRequest)) throw reason;
}

function watchSignals(system: System, reporter: Reporter): () => void {
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      reporter.info(`Stops everything (${signal})`);
      // A failure to stop is told by the call in runSystem, which waits for the same promise.
      system.stop(new StopRequest(signal)).catch(() => undefined);
    } else if (now - askedAt > sameRequestMs) {
      reporter.warn('Asked again: kills what is left');
      system.kill();
      process.exit(1);
    }
  };
  // npm that is told to end does so without a word to the program that it runs.
  if (process.env['npm_lifecycle_event'] !== undefined) {
    watchParent({ VAGENT_PARENT_PID: String(process.ppid) }, () => {
      if (askedAt === undefined) onSignal('SIGTERM');
    });
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** Whatever goes wrong in this process, a closed terminal among it, nothing that it started stays behind. */
function watchCrashes(system: System, reporter: Reporter): () => void {
  const onCrash = (error: unknown): void => {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (!isClosedOutput(failure)) reporter.warn(`Stops everything (${failure.message})`, { err: failure });
    // A failure to stop is told by the call in runSystem, which waits for the same promise.
    system.stop(isClosedOutput(failure) ? new StopRequest('nobody listens') : failure).catch(() => undefined);
  };
  const onExit = (): void => system.kill();
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  process.on('exit', onExit);
  return () => {
    process.off('uncaughtException', onCrash);
    process.off('unhandledRejection', onCrash);
    process.off('exit', onExit);
  };
}

/** The terminal was closed, or the program at the other end of the pipe has ended. */
function isClosedOutput(error: Error): boolean {
  return 'code' in error && (error.code === 'EIO' || error.code === 'EPIPE');
}
