import { z } from 'zod';

/**
 * What became of one action of an approval.
 *
 * - `done`: it ran, once; `text` and `data` are the tool's.
 * - `failed`: it certainly changed nothing; `text` says why.
 * - `unknown`: it may or may not have changed something; a human has to look.
 * - `refused`: it was not the approved action, there is no such tool, or it is switched off; it never ran.
 * - `skipped`: an action before it did not succeed; it never ran.
 */
export const actionResult = z.object({
  status: z.enum(['done', 'failed', 'unknown', 'refused', 'skipped']),
  text: z.string(),
  data: z.json().optional(),
});
export type ActionResult = z.infer<typeof actionResult>;
