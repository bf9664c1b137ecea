import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Progress } from './create-progress.ts';
import { CheckTimeoutError } from './errors.ts';

/** Resolves if the service can do its work as far as this check sees; rejects or takes too long if not. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<unknown>;

export interface HealthAnswersOptions {
  readonly progress: Progress;
  /** By name. The names are public, the reasons for a failure go to the log only. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Shown beside them, of what the service can be ready without: the rest of its work goes on. */
  readonly partial?: Readonly<Record<string, ReadinessCheck>>;
  readonly checkTimeoutMs?: number;
  readonly registry: Registry;
  readonly log: Logger;
  /** Ends every check when it is aborted. */
  readonly signal: AbortSignal;
}

export interface HealthAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export type HealthPath = '/health' | '/ready' | '/metrics';

export function isHealthPath(path: string): path is HealthPath {
  return path === '/health' || path === '/ready' || path === '/metrics';
}

/**
 * What `/health` (progress), `/ready` (checks) and `/metrics` (Prometheus text) say of one process, for whatever server
 * listens. Rejects only where the metrics cannot be collected.
 */
export function createHealthAnswers(
  options: HealthAnswersOptions,
): (path: HealthPath) => Promise<HealthAnswer> {
  const { progress, registry } = options;
  let hasBeenReady = false;

  const run = (checks: Readonly<Record<string, ReadinessCheck>>) =>
    Promise.all(
      Object.entries(checks).map(
        async ([name, check]) => [name, await runCheck(options, name, check, hasBeenReady)] as const,
      ),
    );

  async function ready(): Promise<HealthAnswer> {
    const [needed, partial] = await Promise.all([run(options.checks), run(options.partial ?? {})]);
    const isReady = needed.every(([, outcome]) => outcome === 'ok');
    hasBeenReady ||= isReady;
    const status = isReady ? 'ready' : 'not ready';
    return jsonAnswer(isReady ? 200 : 503, { status, checks: Object.fromEntries([...needed, ...partial]) });
  }

  return async (path) => {
    if (path === '/health') return health(progress);
    if (path === '/ready') return ready();
    return { status: 200, type: registry.contentType, text: await registry.metrics() };
  };
}

export function jsonAnswer(status: number, body: object): HealthAnswer {
  return { status, type: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}

async function runCheck(
  { checkTimeoutMs: timeoutMs = 2_000, log, signal: stopping }: HealthAnswersOptions,
  name: string,
  check: ReadinessCheck,
  hasBeenReady: boolean,
): Promise<'ok' | 'failed' | 'timed out'> {
  const overdue = new CheckTimeoutError(name, timeoutMs);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(overdue), timeoutMs);
  const signal = AbortSignal.any([deadline.signal, stopping]);
  const ended = Promise.withResolvers<never>();
  // Raced below; where it loses, nobody waits for it any more.
  ended.promise.catch(() => undefined);
  if (signal.aborted) ended.reject(signal.reason);
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
  try {
    await Promise.race([ended.promise, callAsync(check, signal)]);
    return 'ok';
  } catch (error) {
    // While a service starts it is asked all the time, and is not ready by design.
    log[hasBeenReady ? 'warn' : 'debug']({ err: error, check: name }, 'Not ready');
    return error === overdue ? 'timed out' : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

/** A check that throws at once rejects, like one that throws later. */
async function callAsync(check: ReadinessCheck, signal: AbortSignal): Promise<unknown> {
  return check(signal);
}

function health(progress: Progress): HealthAnswer {
  const components = Object.fromEntries(progress.states());
  const stalled = Object.keys(components).filter((name) => components[name] === 'stalled');
  if (stalled.length === 0) return jsonAnswer(200, { status: 'ok', components });
  return jsonAnswer(503, { status: 'stalled', stalled, components });
}
