/** A homeserver that asks for more is asked again after this. */
export const longestRetryAfterMs = 5 * 60_000;

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * How long the homeserver asks to wait, from 0 to `longestRetryAfterMs`; null where it does not say. The body's
 * `retry_after_ms` wins over the header `Retry-After`, whose seconds may have a fraction and which may be a date.
 */
export function retryAfterMs({ headers, body }: Answer): number | null {
  const asked = fromBody(body) ?? fromHeader(headers);
  return asked === null ? null : Math.ceil(Math.min(Math.max(asked, 0), longestRetryAfterMs));
}

function fromBody(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || !('retry_after_ms' in body)) return null;
  const { retry_after_ms: ms } = body;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}

function fromHeader(headers: Readonly<Record<string, string>>): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d*)?$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return null;
  // The server's own clock, where it tells it: ours may differ.
  const now = Date.parse(headers['date'] ?? '');
  return until - (Number.isNaN(now) ? Date.now() : now);
}
