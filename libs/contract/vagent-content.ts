import { z } from 'zod';
import { approval } from './approval.ts';

/** The key under which every event that vagent sends says what it is. */
export const vagentContentKey = 'dev.vagent';

export const vagentContent = z.object({
  kind: z.enum(['reply', 'draft', 'approval', 'reminder', 'outcome', 'status', 'failed']),
  session: z.string(),
  turn: z.string(),
  /** The stream entry that it comes from. */
  entry: z.string(),
  approval: approval.shape.id.optional(),
  /** The reply's id, where a turn has more than the one that is named like itself. */
  reply: z.string().optional(),
  /** From 1, of a reply too long for one event: its further events. */
  part: z.int().positive().optional(),
});
export type VagentContent = z.infer<typeof vagentContent>;
