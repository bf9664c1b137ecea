import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Progress } from './create-progress.ts';
import { CheckTimeoutError } from './errors.ts';

/** Resolves if the service can do its work as far as this check sees; rejects or takes too long if not. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<unknown>;

export interface HealthServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly progress: Progress;
  /** By name. The names are public, the reasons for a failure go to the log only. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly checkTimeoutMs?: number;
  readonly registry: Registry;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** `GET /health` (progress), `GET /ready` (checks) and `GET /metrics` (Prometheus text) of one process. */
export class HealthServer implements AsyncDisposable {
  readonly #options: HealthServerOptions;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  #hasBeenReady = false;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.requestTimeout = 10_000;
  }

  /** Listens and resolves with the port; rejects if the port is taken. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Ends every connection and check for good; may be called again, and before `start`. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#stopping.abort(new Error('The health server is stopping'));
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const answer = await this.#answer(request).catch((error: unknown) => {
      this.#options.log.error({ err: error, url: request.url }, 'Could not answer a health request');
      return json(500, { status: 'error' });
    });
    const headers = { 'content-type': answer.type, 'cache-control': 'no-store' };
    response.writeHead(answer.status, answer.status === 405 ? { ...headers, allow: 'GET' } : headers);
    response.end(answer.text);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    if (path !== '/health' && path !== '/ready' && path !== '/metrics')
      return json(404, { status: 'not found' });
    if (request.method !== 'GET') return json(405, { status: 'method not allowed' });
    if (path === '/health') return health(this.#options.progress);
    if (path === '/ready') return this.#ready();
    const { registry } = this.#options;
    return { status: 200, type: registry.contentType, text: await registry.metrics() };
  }

  async #ready(): Promise<Answer> {
    const checks = Object.entries(this.#options.checks);
    const outcomes = await Promise.all(
      checks.map(async ([name, check]) => [name, await this.#run(name, check)]),
    );
    const isReady = outcomes.every(([, outcome]) => outcome === 'ok');
    this.#hasBeenReady ||= isReady;
    const status = isReady ? 'ready' : 'not ready';
    return json(isReady ? 200 : 503, { status, checks: Object.fromEntries(outcomes) });
  }

  async #run(name: string, check: ReadinessCheck): Promise<'ok' | 'failed' | 'timed out'> {
    const timeoutMs = this.#options.checkTimeoutMs ?? 2_000;
    const overdue = new CheckTimeoutError(name, timeoutMs);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(overdue), timeoutMs);
    const signal = AbortSignal.any([deadline.signal, this.#stopping.signal]);
    const ended = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
    try {
      await Promise.race([ended.promise, callAsync(check, signal)]);
      return 'ok';
    } catch (error) {
      // While a service starts it is asked all the time, and is not ready by design.
      const level = this.#hasBeenReady ? 'warn' : 'debug';
      this.#options.log[level]({ err: error, check: name }, 'Not ready');
      return error === overdue ? 'timed out' : 'failed';
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A check that throws at once rejects, like one that throws later. */
async function callAsync(check: ReadinessCheck, signal: AbortSignal): Promise<unknown> {
  return check(signal);
}

function health(progress: Progress): Answer {
  const components = Object.fromEntries(progress.states());
  const stalled = Object.keys(components).filter((name) => components[name] === 'stalled');
  if (stalled.length === 0) return json(200, { status: 'ok', components });
  return json(503, { status: 'stalled', stalled, components });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}
