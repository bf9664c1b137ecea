import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HomeserverError } from './errors.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/_matrix/client`. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

const refusal = z.object({ errcode: z.string(), error: z.string().catch('') });
const pause = z.object({ retry_after_ms: z.number() });
const mostPauses = 10;

/**
 * One call of the client-server API; waits when it is asked to (429).
 *
 * @throws {HomeserverError} on any answer but a good one, and on none.
 */
export async function callHomeserver(homeserver: string, call: Call): Promise<unknown> {
  for (let pauses = 0; ; pauses++) {
    const { status, text, retryAfter } = await exchange(homeserver, call);
    const answer = parseJson(text);
    if (status >= 200 && status < 300 && answer !== undefined) return answer;
    if (status !== 429 || pauses >= mostPauses) throw toError(homeserver, call, status, answer);
    const asked = pause.safeParse(answer);
    const waitMs =
      Number(retryAfter ?? Number.NaN) * 1000 || (asked.success ? asked.data.retry_after_ms : 1_000);
    await sleep(
      Math.min(waitMs, 30_000),
      undefined,
      call.signal === undefined ? {} : { signal: call.signal },
    );
  }
}

async function exchange(homeserver: string, call: Call) {
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`;
  const url = `${homeserver.replace(/\/+$/, '')}/_matrix/client${call.path}${query}`;
  const deadline = AbortSignal.timeout(call.timeoutMs ?? 30_000);
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: {
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]),
    });
    return {
      status: response.status,
      text: await response.text(),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (cause) {
    call.signal?.throwIfAborted();
    throw new HomeserverError(`${homeserver} does not answer (${reasonOf(cause)})`, { cause });
  }
}

function toError(
  homeserver: string,
  { method, path }: Call,
  status: number,
  answer: unknown,
): HomeserverError {
  const parsed = refusal.safeParse(answer);
  const said = parsed.success ? `${parsed.data.errcode}: ${parsed.data.error}` : 'and is that a homeserver?';
  const errcode = parsed.success ? parsed.data.errcode : undefined;
  return new HomeserverError(`${homeserver} answered ${method} ${path} with ${status}, ${said}`, {
    status,
    errcode,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, for instance; the status then says what there is to say.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
