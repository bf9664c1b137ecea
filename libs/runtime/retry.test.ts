import { describe, expect, it } from 'vitest';
import { type RetryOptions, retry } from './retry.ts';

function scripted(outcomes: readonly (Error | string)[]) {
  const waits: number[] = [];
  const calls: number[] = [];
  const work = async (attempt: number): Promise<string> => {
    calls.push(attempt);
    const outcome = outcomes[attempt - 1];
    if (outcome === undefined) throw new Error(`No outcome for attempt ${attempt}`);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const sleep = async (ms: number) => void waits.push(ms);
  const options: RetryOptions = { attempts: 3, baseMs: 100, maxMs: 1_000, random: () => 0.5, sleep };
  return { work, waits, calls, options };
}
const failure = (fields: object = {}) => Object.assign(new Error('no'), fields);

describe('retry', () => {
  it('returns the first success and tells of each retry', async () => {
    const { work, waits, calls, options } = scripted([failure(), failure(), 'yes']);
    const retries: unknown[] = [];
    const result = await retry(work, {
      ...options,
      onRetry: ({ attempt, waitMs }) => retries.push([attempt, waitMs]),
    });
    expect([result, calls, waits, retries]).toEqual([
      'yes',
      [1, 2, 3],
      [50, 100],
      [
        [1, 50],
        [2, 100],
      ],
    ]);
  });

  it('throws the last error when attempts are used up, without a wait after it', async () => {
    const last = failure();
    const { work, waits, options } = scripted([failure(), failure(), last, 'too late']);
    await expect(retry(work, options)).rejects.toBe(last);
    expect(waits).toHaveLength(2);
  });

  it('does not repeat what says that it is not retryable, or what isRetryable refuses', async () => {
    const final = scripted([failure({ retryable: false }), 'x']);
    await expect(retry(final.work, final.options)).rejects.toThrow('no');
    const refused = scripted([failure(), 'x']);
    await expect(retry(refused.work, { ...refused.options, isRetryable: () => false })).rejects.toThrow('no');
    expect([final.calls, refused.calls]).toEqual([[1], [1]]);
  });

  it('waits at least as long as the error asks, up to the cap', async () => {
    const { work, waits, options } = scripted([
      failure({ retryAfterMs: 5_000 }),
      failure({ retryAfterMs: 1e12 }),
      'x',
    ]);
    await retry(work, { ...options, maxRetryAfterMs: 60_000 });
    expect(waits).toEqual([5_050, 60_100]);
  });

  it.each([Number.NaN, -1, '5000', undefined])('ignores retryAfterMs of %s', async (retryAfterMs) => {
    const { work, waits, options } = scripted([failure({ retryAfterMs }), 'x']);
    await retry(work, options);
    expect(waits).toEqual([50]);
  });

  it('does not call at all when the signal is aborted before', async () => {
    const { work, calls, options } = scripted(['x']);
    await expect(retry(work, { ...options, signal: AbortSignal.abort('stopping') })).rejects.toBe('stopping');
    expect(calls).toEqual([]);
  });

  it('ends a wait at once with the reason of the signal', async () => {
    const { work, calls } = scripted([failure(), 'x']);
    const controller = new AbortController();
    const reason = new Error('stopping');
    const waiting = retry(work, {
      attempts: 3,
      baseMs: 3_600_000,
      maxMs: 3_600_000,
      random: () => 0.9,
      signal: controller.signal,
      onRetry: () => queueMicrotask(() => controller.abort(reason)),
    });
    await expect(waiting).rejects.toBe(reason);
    expect(calls).toEqual([1]);
  });

  it('goes on without an end when attempts are infinite', async () => {
    const outcomes = [...Array.from({ length: 500 }, () => failure()), 'at last'];
    const { work, waits, options } = scripted(outcomes);
    expect(await retry(work, { ...options, attempts: Number.POSITIVE_INFINITY })).toBe('at last');
    expect(Math.max(...waits)).toBe(500);
  });
});
