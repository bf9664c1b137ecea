import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import {
  type createHealthAnswers,
  type HealthAnswer,
  isHealthPath,
  jsonAnswer,
} from '#runtime/create-health-answers';
import { isTrustedScraper } from './auth/is-trusted-scraper.ts';

export interface FrontDoorOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly metricsToken: string | undefined;
  readonly answerHealth: ReturnType<typeof createHealthAnswers>;
  readonly log: Logger;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Requests that are still answered get this long when the gateway stops. */
const drainMs = 10_000;

/**
 * The HTTP server. It answers `/health`, `/ready` and `/metrics` by itself, so that an orchestrator hears of a gateway that
 * waits for Redis; everything else belongs to whoever has opened it.
 */
export class FrontDoor {
  readonly server: Server;
  readonly #options: FrontDoorOptions;
  #handler: Handler | undefined;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.server = createServer((request, response) => void this.#handle(request, response));
    this.server.requestTimeout = 30_000;
    this.server.headersTimeout = 15_000;
    // Longer than load balancers keep a connection: they, not we, end idle ones.
    this.server.keepAliveTimeout = 65_000;
  }

  /** Where it listens; 0 before `listen`. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resolves with the port; rejects if it is taken. */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return this.port;
  }

  /** From now on requests go to `handler`. */
  open(handler: Handler): void {
    this.#handler = handler;
  }

  /** Takes no more connections, lets answers end, and cuts what has not ended in time. May be called again. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    const forced = setTimeout(() => this.server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(forced);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    if (!isHealthPath(path)) return this.#pass(request, response);
    request.resume();
    const answer = await this.#health(path, request).catch((error: unknown) => {
      this.#options.log.error({ err: error, path }, 'Could not answer a health request');
      return problemAnswer(500, 'internal', 'Something went wrong');
    });
    send(response, answer);
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.#handler !== undefined) {
      this.#handler(request, response);
      return;
    }
    request.resume();
    send(response, problemAnswer(503, 'unavailable', 'The gateway is starting: try again in a second'));
  }

  async #health(path: Parameters<FrontDoorOptions['answerHealth']>[0], request: IncomingMessage) {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return problemAnswer(405, 'bad_request', 'Only GET is answered here');
    if (path === '/metrics' && !isTrustedScraper(request, this.#options.metricsToken))
      return problemAnswer(401, 'unauthorised', 'Metrics are for this network, or for who has METRICS_TOKEN');
    return this.#options.answerHealth(path);
  }
}

function problemAnswer(status: number, code: string, detail: string): HealthAnswer {
  return { ...jsonAnswer(status, { status, code, detail }), type: 'application/problem+json' };
}

function send(response: ServerResponse, { status, type, text }: HealthAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
