import { z } from 'zod';

/** What is kept of a file under `keys.media` until its turn has ended; sealed as a whole. */
export const keptFile = z.object({
  /** The id that it is kept under: what was moved to another place is not believed. */
  id: z.string(),
  /** The bytes in base64, or a text without personal data; `isCut` where only its beginning was kept. */
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('bytes'), base64: z.base64() }),
    z.object({ kind: z.literal('text'), text: z.string(), isCut: z.boolean() }),
  ]),
});
export type KeptFile = z.infer<typeof keptFile>;
