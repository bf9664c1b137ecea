import type { Agent, Dispatcher, request as Request } from 'undici';
import { PrivateAddressError } from '#agents/errors';
import { readBounded } from '#agents/tools/read-bounded';
import { type CheckedUrl, checkPageUrl, type UrlRules } from './check-page-url.ts';
import { createSafeLookup, type LookUp } from './create-safe-lookup.ts';

export interface SafeFetchOptions extends UrlRules {
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Of everything together, default 10 s. */
  readonly timeoutMs?: number;
  /** Only for tests: what names mean. */
  readonly lookUp?: LookUp;
}

export type Fetched =
  | { readonly ok: true; readonly url: string; readonly contentType: string; readonly text: string }
  /** `why` is part of a sentence; `mayPass` says that another try could go better. */
  | { readonly ok: false; readonly why: string; readonly mayPass: boolean };

/**
 * Reads a page of the public internet. @throws only the reason of `signal`, once it is aborted.
 */
export type SafeFetch = (url: string, options: { readonly signal: AbortSignal }) => Promise<Fetched>;

const maxRedirects = 3;
/** Beginnings of the content types that are read. */
const contentTypes = [
  'text/',
  'application/json',
  'application/xml',
  'application/xhtml+xml',
  'application/ld+json',
];

/**
 * A GET that whoever chooses the address cannot turn against our own network: addresses are checked as written, at
 * each redirect, and once more by the connection that is made (OWASP, Server-Side Request Forgery Prevention).
 * No cookies, no credentials, no compression, and limits on time, size and kind of what comes back.
 */
export function createSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const { timeoutMs = 10_000, lookUp } = options;
  return async (written, { signal }) => {
    // Loaded with the first page: most workers read none, and start sooner.
    const { Agent: AgentClass, request } = await import('undici');
    signal.throwIfAborted();
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const agent = new AgentClass({ connect: { lookup: createSafeLookup(lookUp), timeout: timeoutMs } });
    try {
      return await follow(written, options, { agent, request, signal: ends });
    } catch (error) {
      signal.throwIfAborted();
      return explain(error, timeoutMs);
    } finally {
      await agent.destroy();
    }
  };
}

interface Hop {
  readonly agent: Agent;
  readonly request: typeof Request;
  readonly signal: AbortSignal;
}

async function follow(written: string, options: SafeFetchOptions, hop: Hop): Promise<Fetched> {
  let checked: CheckedUrl = checkPageUrl(written, options);
  for (let redirects = 0; checked.ok; redirects += 1) {
    const { url } = checked;
    const response = await hop.request(url, {
      dispatcher: hop.agent,
      signal: hop.signal,
      headers: {
        accept: 'text/html, text/*, application/json;q=0.9',
        'accept-encoding': 'identity',
        'user-agent': 'vagent',
      },
    });
    // A body that is given up emits its abort as an error, which nobody waits for.
    response.body.on('error', () => undefined);
    const location = response.headers['location'];
    if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
      return readPage(url, response, options);
    }
    response.body.destroy();
    if (redirects >= maxRedirects) return refused(`it redirects more than ${maxRedirects} times`);
    checked = checkPageUrl(location, options, url);
    if (checked.ok && url.protocol === 'https:' && checked.url.protocol === 'http:') {
      return refused('it redirects from https to http');
    }
  }
  return refused(checked.why);
}

async function readPage(
  url: URL,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { maxBytes = 1_048_576 }: SafeFetchOptions,
): Promise<Fetched> {
  const stop = (why: string, mayPass = false): Fetched => {
    body.destroy();
    return { ok: false, why, mayPass };
  };
  if (statusCode !== 200)
    return stop(`it answered with status ${statusCode}`, statusCode >= 500 || statusCode === 429);
  const contentType = String(headers['content-type'] ?? '').toLowerCase();
  if (!contentTypes.some((type) => contentType.startsWith(type))) return stop('it is no text');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return stop('it is compressed, though that was not asked for');
  const bytes = await readBounded(body, maxBytes);
  if (bytes === undefined) return stop(`it is larger than ${maxBytes} bytes`);
  return { ok: true, url: url.href, contentType, text: decode(bytes, contentType) };
}

function decode(bytes: Buffer, contentType: string): string {
  const label = /charset="?([\w.:-]{1,40})/.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function refused(why: string): Fetched {
  return { ok: false, why, mayPass: false };
}

function explain(error: unknown, timeoutMs: number): Fetched {
  if (error instanceof PrivateAddressError) return refused('this host is not on the public internet');
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { ok: false, why: `it gave no answer within ${timeoutMs / 1000} s`, mayPass: true };
  }
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return { ok: false, why: `it cannot be reached${code}`, mayPass: true };
}
