import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createHealthAnswers,
  type HealthAnswer,
  type HealthAnswersOptions,
  isHealthPath,
  jsonAnswer,
} from './create-health-answers.ts';

export interface HealthServerOptions extends Omit<HealthAnswersOptions, 'signal'> {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** `GET /health` (progress), `GET /ready` (checks) and `GET /metrics` (Prometheus text) of one process. */
export class HealthServer implements AsyncDisposable {
  readonly #options: HealthServerOptions;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  readonly #answerOf: ReturnType<typeof createHealthAnswers>;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#answerOf = createHealthAnswers({ ...options, signal: this.#stopping.signal });
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
      return jsonAnswer(500, { status: 'error' });
    });
    const headers = { 'content-type': answer.type, 'cache-control': 'no-store' };
    response.writeHead(answer.status, answer.status === 405 ? { ...headers, allow: 'GET' } : headers);
    response.end(answer.text);
  }

  async #answer(request: IncomingMessage): Promise<HealthAnswer> {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    if (!isHealthPath(path)) return jsonAnswer(404, { status: 'not found' });
    if (request.method !== 'GET') return jsonAnswer(405, { status: 'method not allowed' });
    return this.#answerOf(path);
  }
}
