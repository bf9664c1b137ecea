import { Redis, ReplyError } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { isRedisUnavailable } from './redis-errors.ts';

function reply(message: string): Error {
  return new ReplyError(message);
}

function coded(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });
}

describe('isRedisUnavailable', () => {
  it.each([
    'OOM command not allowed',
    'READONLY You',
    'NOREPLICAS Not enough',
    'MISCONF Errors',
    'LOADING Redis',
  ])('is true for the reply %s', (message) => {
    expect(isRedisUnavailable(reply(message), 'handler')).toBe(true);
  });

  it.each(['WRONGTYPE Operation', 'ERR wrong number of arguments', 'NOGROUP No such key', 'CROSSSLOT Keys'])(
    'is false for the reply %s, which does not pass by itself',
    (message) => {
      expect(isRedisUnavailable(reply(message))).toBe(false);
    },
  );

  it('is true for what ioredis says when nobody listens', async () => {
    const redis = new Redis(1, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: () => 1 });
    redis.on('error', () => undefined);
    const error: unknown = await redis.ping().catch((reason: unknown) => reason);
    redis.disconnect();
    expect(isRedisUnavailable(error, 'handler')).toBe(true);
  });

  it('takes a socket error or an aborted request of a handler for that of another server', () => {
    expect(isRedisUnavailable(coded('ECONNREFUSED'))).toBe(true);
    expect(isRedisUnavailable(coded('ECONNREFUSED'), 'handler')).toBe(false);
    expect(isRedisUnavailable(new DOMException('This operation was aborted', 'AbortError'), 'handler')).toBe(
      false,
    );
    expect(isRedisUnavailable('ECONNREFUSED')).toBe(false);
  });
});
