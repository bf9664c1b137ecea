import { z } from 'zod';
import type { DialogueState } from './dialogue-state.ts';

const name = z.string().min(1).max(2_000);
const asked = z.int().min(0);
const values = z.record(z.string(), z.json());

const frame = z.strictObject({
  id: name,
  flow: name,
  step: name,
  slots: values,
  results: values,
  awaiting: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('slot'), slot: name, asked }),
      z.strictObject({ kind: z.literal('confirm'), slot: name, asked }),
      z.strictObject({ kind: z.literal('approval'), approval: name }),
    ])
    .nullable(),
  linkedBy: name.nullable(),
  trail: z.array(z.strictObject({ step: name, slots: z.array(name), isFinal: z.boolean() })),
  visits: z.record(z.string(), z.int().min(0)),
});

/** The state as it comes back from a checkpoint. What does not fit was written by another version. */
export const dialogueState: z.ZodType<DialogueState> = z.strictObject({
  stack: z.array(frame).max(100),
  parked: z.array(frame).max(100),
});
