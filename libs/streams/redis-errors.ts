import { redisErrorCode } from './script.ts';

const passing = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
  'WRONGPASS',
]);
const socketCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/**
 * True for what ends when Redis is well again: it is away, full, read-only, starting, or its password changed.
 * Such an error says nothing about the entry, so it burns no attempt.
 *
 * What a `handler` throws may come from elsewhere: there a refused socket or an aborted request counts only where
 * the error shows that it was a command of Redis.
 */
export function isRedisUnavailable(error: unknown, origin: 'redis' | 'handler' = 'redis'): boolean {
  if (!(error instanceof Error)) return false;
  const code = redisErrorCode(error);
  if (code !== undefined) return passing.has(code);
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'ClusterAllFailedError') return true;
  // ioredis rejects what was queued on a closed connection with a plain Error; there is nothing else to go by.
  if (error.message === 'Connection is closed.' || error.message.startsWith('Socket timeout.')) return true;
  if (error.name === 'AbortError') return 'command' in error || (origin === 'redis' && !('code' in error));
  const isSocketError = 'code' in error && typeof error.code === 'string' && socketCodes.test(error.code);
  return isSocketError && origin === 'redis';
}
