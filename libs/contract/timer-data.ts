import { z } from 'zod';
import { approval } from './approval.ts';
import { roomId } from './matrix-ids.ts';

/** `data` of the timers that approvals set. Other kinds carry what they like. */
export const expiryData = z.object({ approval: approval.shape.id });
export const reminderData = expiryData.extend({
  reminder: z.int().positive(),
  expiresAt: z.iso.datetime(),
  escalateTo: roomId.nullable().default(null),
});
