import type { FastifyReply } from 'fastify';
import type { RateLimits } from '#operations/limits/rate-limit';
import { TooManyRequestsError } from '../errors.ts';

/** Counts a message of somebody. @throws {TooManyRequestsError} for one too many; the answer says when to come back. */
export async function countMessage(
  limits: RateLimits,
  message: { readonly user: string; readonly room: string },
  reply: Pick<FastifyReply, 'header'>,
): Promise<void> {
  const taken = await limits.take(message);
  if (taken.ok) return;
  const waitSeconds = Math.max(1, Math.ceil(taken.retryInMs / 1_000));
  reply.header('retry-after', waitSeconds);
  throw new TooManyRequestsError(waitSeconds);
}
