import { z } from 'zod';
import { ModelError, type ModelErrorKind } from './errors.ts';

/** The parts of the SDK's errors that are read; all of them optional, because anything may be thrown. */
const thrown = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  status: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  headers: z.instanceof(Headers).optional().catch(undefined),
  cause: z.unknown().optional(),
});

interface Context {
  /** For the message: host and model, no secret. */
  readonly where: string;
  readonly apiKey: string;
  /** Whether a part of the answer had arrived. */
  readonly hasBegun: boolean;
}

/** Puts whatever the SDK threw into our words, told apart by status, code and class and never by its message. */
export function toModelError(error: unknown, context: Context): ModelError {
  if (error instanceof ModelError) return error;
  const read = thrown.safeParse(error);
  if (!read.success)
    return new ModelError('garbage', `${context.where} failed with a thing that is no error`);
  const { name, status, code, headers } = read.data;
  const cause = new Error(scrub(`${name}: ${read.data.message}`, context.apiKey));
  if (status !== undefined) return fromStatus(status, code, headers, cause, context);
  if (name === 'TimeoutError') {
    return new ModelError('timeout', `${context.where} gave no answer in time`, { cause });
  }
  // Thrown by parsing, or by the SDK when an answer lacks what it reads; fetch's own TypeErrors have a cause.
  const isUnreadable = name === 'SyntaxError' || (name === 'TypeError' && read.data.cause === undefined);
  if (context.hasBegun && !isUnreadable) {
    return new ModelError('cut', `${context.where} broke off in the middle of its answer`, { cause });
  }
  if (isUnreadable) {
    return new ModelError('garbage', `${context.where} sent an answer that cannot be read`, { cause });
  }
  return new ModelError('unavailable', `${context.where} cannot be reached: check OPENAI_BASE_URL`, {
    cause,
  });
}

function fromStatus(
  status: number,
  code: string | undefined,
  headers: Headers | undefined,
  cause: Error,
  { where }: Context,
): ModelError {
  const fail = (kind: ModelErrorKind, what: string): ModelError => {
    const retryAfterMs = kind === 'rate_limited' || kind === 'unavailable' ? retryAfter(headers) : undefined;
    const options = retryAfterMs === undefined ? { cause } : { cause, retryAfterMs };
    return new ModelError(kind, `${where} answered ${status}: ${what}`, options);
  };
  if (status === 401 || status === 403)
    return fail('auth', 'check OPENAI_API_KEY, and that it may use this model');
  if (status === 429 && code === 'insufficient_quota')
    return fail('refused', 'the quota of the key is used up');
  if (status === 429) return fail('rate_limited', 'too many requests');
  if (status === 408 || status === 409 || status >= 500) return fail('unavailable', 'it is in trouble');
  if (status === 404) return fail('refused', 'check MODEL_NAME and OPENAI_BASE_URL');
  return fail('refused', code === undefined ? 'it refuses the request' : `it refuses the request (${code})`);
}

/** `Retry-After-Ms`, or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in milliseconds. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return Math.ceil(milliseconds);
  const value = headers?.get('retry-after') ?? '';
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const until = Date.parse(value) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}

/** Providers quote a wrong key back, sometimes in part. */
function scrub(text: string, apiKey: string): string {
  const plain = apiKey === '' ? text : text.replaceAll(apiKey, '***');
  return plain.replaceAll(/\b(?:sk|key|pk)-[\w*.-]+/gi, '***').slice(0, 500);
}
