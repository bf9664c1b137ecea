import { z } from 'zod';
import { vagentContent } from './vagent-content.ts';

/** What an event of ours came from. */
export const posted = z.object({
  session: z.string(),
  turn: z.string(),
  kind: vagentContent.shape.kind,
  /** Id of the reply that it shows. */
  reply: z.string().nullable(),
  approval: z.string().nullable(),
  /** When the room saw it, ISO 8601. */
  at: z.string(),
});
export type Posted = z.infer<typeof posted>;

/** Undefined for what was changed by hand. */
export function readPosted(json: string | null): Posted | undefined {
  if (json === null) return undefined;
  try {
    return posted.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
