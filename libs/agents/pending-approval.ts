import { z } from 'zod';
import { action, approval } from '#contract/approval';

/** An approval that the conversation waits for. */
export const pendingApproval = z.object({
  id: approval.shape.id,
  actions: z.array(action).min(1),
  /** When it was asked for, ISO 8601. */
  since: z.iso.datetime(),
});
export type PendingApproval = z.infer<typeof pendingApproval>;
