import { z } from 'zod';
import { type AuthChallenge, MatrixRequestError } from './errors.ts';
import type { Method } from './matrix-client.ts';
import { retryAfterMs } from './retry-after-ms.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it was JSON, else the text. */
  readonly body: unknown;
}

export interface FailedExchange {
  readonly method: Method;
  readonly path: string;
  readonly timeoutMs: number;
  readonly answer: HttpAnswer | undefined;
  /** What was thrown where no answer came. */
  readonly cause: unknown;
}

/** Codes with which the homeserver says "not now" under a status that sounds final. */
const passing = new Set(['M_LIMIT_EXCEEDED', 'M_RESOURCE_LIMIT_EXCEEDED']);

const challengeBody = z.object({
  session: z.string().nullable().catch(null),
  flows: z.array(z.object({ stages: z.array(z.string()) })),
});

/** Tells one failed exchange in the words of `MatrixRequestError`. */
export function toRequestError({
  method,
  path,
  timeoutMs,
  answer,
  cause,
}: FailedExchange): MatrixRequestError {
  const place = { method, path: path.split('?', 1)[0] ?? '' };
  if (answer === undefined) {
    const reason = isTimeout(cause) ? `had no answer within ${timeoutMs} ms` : `failed: ${describe(cause)}`;
    const nothing = { status: null, errcode: null, retryAfterMs: null };
    return new MatrixRequestError({ ...place, ...nothing, reason, retryable: true }, { cause });
  }
  const { statusCode: status, body } = answer;
  const errcode = textOf(body, 'errcode');
  const isMatrix = errcode !== null;
  const challenge = status === 401 ? challengeIn(body) : undefined;
  const said = isMatrix
    ? `${errcode}: ${(textOf(body, 'error') ?? '').slice(0, 200)}`
    : challenge === undefined
      ? 'with a body that is not a Matrix answer'
      : 'and asks for a proof of who is there';
  return new MatrixRequestError({
    ...place,
    status,
    errcode,
    retryAfterMs: retryAfterMs(answer),
    reason: `was answered ${status} ${said}`,
    challenge,
    // A proxy's own page says nothing of what the homeserver would have said, except that the path is wrong.
    retryable: isMatrix
      ? isPassing(status, errcode)
      : challenge === undefined && status !== 404 && status !== 413,
  });
}

function challengeIn(body: unknown): AuthChallenge | undefined {
  const read = challengeBody.safeParse(body);
  if (!read.success) return undefined;
  return { session: read.data.session, flows: read.data.flows.map(({ stages }) => stages) };
}

function isPassing(status: number, errcode: string): boolean {
  return status === 408 || status === 429 || status >= 500 || passing.has(errcode);
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError';
}

/** fetch says "fetch failed" and keeps what happened in its cause. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.cause instanceof Error) return cause.cause.message || cause.cause.name;
  return cause.message;
}

function textOf(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const value: unknown = Object.getOwnPropertyDescriptor(body, name)?.value;
  return typeof value === 'string' ? value : null;
}
