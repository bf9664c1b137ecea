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
const connectionErrors = new Set(['MaxRetriesPerRequestError', 'AbortError', 'ClusterAllFailedError']);
const socketCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/**
 * True for what ends when Redis is well again: it is away, full, read-only, starting, or its password changed.
 * Such an error says nothing about the entry, so it burns no attempt.
 */
export function isRedisUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = redisErrorCode(error);
  if (code !== undefined) return passing.has(code);
  if (connectionErrors.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'string' && socketCodes.test(error.code)) return true;
  // ioredis rejects what was queued on a closed connection with a plain Error; there is nothing else to go by.
  return error.message === 'Connection is closed.' || error.message.startsWith('Socket timeout');
}
