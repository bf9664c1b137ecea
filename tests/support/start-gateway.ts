import type { Logger } from 'pino';
import { createSignInCode } from '#operations/gateway/sign-in-code';
import { createLog } from '#runtime/create-log';
import { createMetrics, type Metrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { type Environment, readConfig } from '#runtime/read-config';
import { openTransport, type Transport } from '#streams/open-transport';
import type { Role } from '../../services/gateway/api/role.ts';
import { gatewayConfig } from '../../services/gateway/gateway-config.ts';
import { GatewayService } from '../../services/gateway/service.ts';
import { gatewayAccess, gatewaySecret, signToken } from './gateway-access.ts';
import { uniquePrefix } from './unique-prefix.ts';

export interface TestGateway extends AsyncDisposable {
  /** e.g. `http://127.0.0.1:43210`. */
  readonly url: string;
  /** To write what the gateway is asked about, and to look at what it wrote. */
  readonly transport: Transport;
  readonly metrics: Metrics;
  /** What it logged, a line of JSON each. */
  readonly lines: readonly string[];
  /** A token of this issuer; claims are added to, or replace, what a good one has. */
  token(user: string, role: Role, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A signed-in console: headers for requests as its page sends them. */
  signIn(user: string, role: Role): Promise<{ cookie: string; origin: string }>;
  /** With a token. */
  as(user: string, role: Role): (path: string, init?: RequestInit) => Promise<Answer>;
  /** Without anything. */
  ask(path: string, init?: RequestInit): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

/** A gateway in this process, on a Redis under a prefix of its own: everything but the process is real. */
export async function startGateway(redisUrl: string, env: Environment = {}): Promise<TestGateway> {
  await using stack = new AsyncDisposableStack();
  const lines: string[] = [];
  const log: Logger = createLog({
    service: 'gateway',
    level: 'debug',
    format: 'json',
    secrets: [gatewaySecret],
    output: { write: (line) => lines.push(line) },
  });
  const { config } = readConfig(gatewayConfig, {
    REDIS_URL: redisUrl,
    KEY_PREFIX: uniquePrefix('gateway'),
    STREAM_PARTITIONS: '4',
    GATEWAY_PORT: '0',
    ...gatewayAccess,
    ...env,
  });
  const metrics = createMetrics({ service: 'gateway' });
  const stopping = new AbortController();
  const service = new GatewayService(config, { log, metrics, progress: createProgress() });
  stack.defer(async () => {
    stopping.abort(new Error('The test is over'));
    await service.stop();
  });
  await service.start(stopping.signal);
  const transport = stack.use(
    await openTransport(config, { name: 'test', slot: 'test', log, signal: stopping.signal }),
  );
  const url = `http://127.0.0.1:${service.port}`;
  const ask = (path: string, init: RequestInit = {}): Promise<Answer> => send(`${url}${path}`, init);
  const resources = stack.move();
  return {
    url,
    transport,
    metrics,
    lines,
    ask,
    token: signToken,
    as: (user, role) => async (path, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await signToken(user, role)}`);
      return ask(path, { ...init, headers });
    },
    signIn: async (user, role) => {
      const code = await createSignInCode(transport, { user, name: user, role });
      const { headers } = await ask('/api/v1/sign-in', json('POST', { code }));
      const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
      return { cookie, origin: url };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A request with a body of JSON. */
export function json(method: string, body: unknown): RequestInit & { headers: Record<string, string> } {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
