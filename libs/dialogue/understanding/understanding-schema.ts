import { z } from 'zod';
import { digressions } from '#dialogue/command';
import { riskCategories, tones, type Understanding, urgencies } from './understanding.ts';

const names = z.array(z.string());
const command = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start_flow'), flow: z.string(), slots: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('set_slot'), slot: z.string(), value: z.string() }),
  z.object({ kind: z.literal('correct_slot'), slot: z.string(), value: z.string().nullable() }),
  z.object({ kind: z.literal('cancel') }),
  z.object({ kind: z.literal('resume'), flow: z.string().nullable() }),
  z.object({ kind: z.literal('digress'), digression: z.enum(digressions), text: z.string(), topics: names }),
  z.object({ kind: z.literal('clarify'), options: names }),
  z.object({ kind: z.literal('hand_off') }),
  z.object({ kind: z.literal('chat'), tone: z.enum(['greeting', 'thanks', 'other']) }),
]);

/** An understanding that was kept outside of this process. */
export const understandingSchema: z.ZodType<Understanding> = z.object({
  commands: z.array(command).min(1),
  analysis: z.object({
    topics: names,
    urgency: z.enum(urgencies),
    tone: z.enum(tones),
    sensitivity: z.object({
      isSensitive: z.boolean(),
      riskCategory: z.enum(riskCategories),
      confidence: z.number(),
      entities: names,
    }),
  }),
  confidence: z.number(),
});
