import { z } from 'zod';

/** One message of a conversation as the models see it: plain data, cheap to keep in a checkpoint. */
export const message = z.object({ role: z.enum(['user', 'assistant']), text: z.string() });
export type Message = z.infer<typeof message>;
