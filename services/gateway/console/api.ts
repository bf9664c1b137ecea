import type { Problem } from '../api/problem.ts';
import { markAnswer, markGateway } from './connection.ts';
import { markSignedOut } from './me.ts';

/** An answer that is no success; the message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: Problem['code'];

  constructor({ status, code, detail }: Problem) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Trying again later may help. */
  get isPassing(): boolean {
    return this.code === 'unavailable';
  }
}

interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** The same request twice counts once: it is sent again where no answer came. */
  readonly isRepeatable?: boolean;
  /** How long an answer may take; the gateway counts as away after it. */
  readonly withinMs?: number | undefined;
}

const attempts = 3;
const usualMs = 20_000;

/**
 * Asks the gateway. `T` is what the contract in `services/gateway/api` says of the path.
 *
 * @throws {ApiError} where it refuses, or after some tries cannot be reached; its code is `unavailable` then.
 */
export function get<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return request<T>('GET', path, undefined, { isRepeatable: true, ...options });
}

/**
 * Changes something. Sent once, unless it says that it is repeatable.
 *
 * @throws {ApiError} as {@link get}.
 */
export function post<T>(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<T> {
  return request<T>('POST', path, body, options);
}

/**
 * Says how something is to be from now on.
 *
 * @throws {ApiError} as {@link get}.
 */
export function put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request<T>('PUT', path, body, { isRepeatable: true, ...options });
}

async function request<T>(
  method: string,
  path: string,
  body: unknown,
  { signal, isRepeatable = false, withinMs = usualMs }: RequestOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once<T>(method, path, body, { signal, withinMs });
    } catch (error) {
      if (signal?.aborted || !isRepeatable || attempt >= attempts) throw error;
      if (!(error instanceof ApiError) || !error.isPassing) throw error;
      await pause(200 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

async function once<T>(
  method: string,
  path: string,
  body: unknown,
  { signal, withinMs }: { signal: AbortSignal | undefined; withinMs: number },
): Promise<T> {
  const limit = AbortSignal.timeout(withinMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    markGateway(false);
    throw new ApiError({ status: 0, code: 'unavailable', detail: 'The gateway cannot be reached.' });
  }
  await judge(response);
  if (response.status === 204) return undefined as T;
  // Our own gateway, of the version that served this page, answers as its contract says.
  return (await response.json()) as T;
}

/**
 * Marks what an answer tells about the connection.
 *
 * @throws {ApiError} for everything but a success.
 */
export async function judge(response: Response): Promise<void> {
  markAnswer(response);
  if (response.ok) return;
  const problem = await problemOf(response);
  if (response.status === 401) markSignedOut();
  throw new ApiError(problem);
}

async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  try {
    // A proxy in between may answer with anything, which the test below finds out.
    const read = (await response.json()) as Partial<Problem> | null;
    if (typeof read?.detail === 'string' && read.code !== undefined) {
      return { status, code: read.code, detail: read.detail };
    }
  } catch {
    // No JSON: not from our gateway.
  }
  const code = status >= 502 && status <= 504 ? 'unavailable' : 'internal';
  return { status, code, detail: `The gateway answered ${status} without saying why.` };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
