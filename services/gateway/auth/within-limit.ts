import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TooManyRequestsError } from '../errors.ts';

export type RateLimit = ReturnType<FastifyInstance['createRateLimit']>;

/** Counts a request. @throws {TooManyRequestsError} where it is one too many; the answer says when to come back. */
export async function withinLimit(
  limit: RateLimit,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const state = await limit(request);
  if (state.isAllowed || !state.isExceeded) return;
  const waitSeconds = Math.max(1, state.ttlInSeconds);
  reply.header('retry-after', waitSeconds);
  throw new TooManyRequestsError(waitSeconds);
}
