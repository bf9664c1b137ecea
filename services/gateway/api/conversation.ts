import { z } from 'zod';
import { conversationName } from '#contract/api-session';

export const processMessage = z.object({
  message: z.string().min(1).max(20_000),
  /** Which of the caller's conversations. */
  conversation: z.string().regex(conversationName).default('main'),
  /** Sent again under the same id it counts once, and the answer goes on where `Last-Event-ID` says. */
  message_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,64}$/)
    .optional(),
});
export type ProcessMessage = z.infer<typeof processMessage>;

/** The data of each server-sent event of `process_message`, by its name. */
export const chunkEvents = {
  /** The whole text so far, never a delta. */
  text_chunk: z.object({ turn: z.string(), reply: z.string(), text: z.string(), revision: z.int() }),
  /** Something waits for a reviewer; the conversation goes on meanwhile. */
  hitl_request: z.object({
    turn: z.string(),
    approval: z.string(),
    code: z.string(),
    actions: z.array(z.string()),
    expires_at: z.string(),
  }),
  text_final: z.object({ turn: z.string(), reply: z.string().nullable(), text: z.string() }),
  error: z.object({ turn: z.string(), detail: z.string() }),
  done: z.object({ turn: z.string(), outcome: z.string() }),
} as const;
export type ChunkName = keyof typeof chunkEvents;

export const submitFeedback = z.object({
  solved: z.boolean(),
  comment: z.string().max(2_000).default(''),
  conversation: z.string().regex(conversationName).default('main'),
  turn: z.string().max(512).nullable().default(null),
});
