import { z } from 'zod';

/** The body of every answer that is no success (RFC 9457, `application/problem+json`). */
export const problem = z.object({
  status: z.int(),
  /** Stable, for programs. */
  code: z.enum([
    'bad_request',
    'unauthorised',
    'forbidden',
    'not_found',
    'conflict',
    'too_large',
    'too_many_requests',
    'unavailable',
    'internal',
  ]),
  /** What is wrong, and what to do, for people. */
  detail: z.string(),
});
export type Problem = z.infer<typeof problem>;
