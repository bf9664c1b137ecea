import { setTimeout as sleep } from 'node:timers/promises';

/** A refusal of the homeserver, as a test looks at it. */
export class MatrixRefusal extends Error {
  readonly status: number;
  readonly errcode: string | undefined;
  readonly body: unknown;

  constructor(request: string, status: number, body: unknown) {
    super(`${request} was answered with ${status}: ${JSON.stringify(body)}`);
    this.name = 'MatrixRefusal';
    this.status = status;
    const isObject = typeof body === 'object' && body !== null;
    this.errcode = isObject && 'errcode' in body ? String(body.errcode) : undefined;
    this.body = body;
  }
}

export interface RequestOptions {
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

const maxRateLimits = 20;
/** How long requests that can be repeated wait for a homeserver that is being restarted. */
const maxOutageMs = 20_000;

/** One request as it is: nothing is waited out, nothing is thrown for a status. */
export function fetchFrom(
  base: string,
  method: string,
  path: string,
  options: RequestOptions,
): Promise<Response> {
  const query = options.query === undefined ? '' : `?${new URLSearchParams(options.query)}`;
  return fetch(`${base}${path}${query}`, {
    method,
    headers: { 'content-type': 'application/json', ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
}

/** The JSON of a successful answer. Waits out 429, and for GET and PUT a restart; throws MatrixRefusal else. */
export async function call(
  base: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<unknown> {
  for (let refusals = 0; ; refusals += 1) {
    const { response, text } = await fetchThroughOutage(base, method, path, options);
    const body = parseJson(text);
    if (response.ok) return body;
    if (response.status !== 429 || refusals >= maxRateLimits) {
      throw new MatrixRefusal(`${method} ${path}`, response.status, body ?? text);
    }
    await sleep(retryAfterMs(response, body));
  }
}

/** GET and PUT do the same once more: a PUT has a transaction id or sets a value. */
async function fetchThroughOutage(
  base: string,
  method: string,
  path: string,
  options: RequestOptions,
): Promise<{ response: Response; text: string }> {
  const deadline = Date.now() + maxOutageMs;
  for (;;) {
    try {
      const response = await fetchFrom(base, method, path, options);
      return { response, text: await response.text() };
    } catch (error) {
      const isRepeatable = method === 'GET' || method === 'PUT';
      if (!isRepeatable || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function retryAfterMs(response: Response, body: unknown): number {
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(header)) return header * 1000;
  const isObject = typeof body === 'object' && body !== null;
  return isObject && 'retry_after_ms' in body ? Number(body.retry_after_ms) : 500;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`Not a JSON object: ${String(value)}`);
  return value as Record<string, unknown>;
}
