import { z } from 'zod';
import { action } from '#contract/approval';

const who = { by: z.array(z.string()).min(1), at: z.iso.datetime(), event_id: z.string() };

/**
 * What resumes an action that waits: only decisions that counted, from the approval's own record. `actions` are
 * the approved ones out of that record, after an edit the edited ones; what runs must equal them by digest.
 * `event_id` is the fact that carried the last decision, `by` all whose decisions counted.
 */
export const actionDecision = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('approve'), ...who, actions: z.array(action).min(1) }),
  z.object({ decision: z.literal('edit'), ...who, actions: z.array(action).min(1) }),
  z.object({ decision: z.literal('reject'), ...who, text: z.string().nullable() }),
  z.object({ decision: z.literal('respond'), ...who, text: z.string() }),
]);
export type ActionDecision = z.infer<typeof actionDecision>;
