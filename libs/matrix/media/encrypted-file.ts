import { z } from 'zod';

/**
 * What it takes to read an encrypted attachment (client-server API, "Sending encrypted attachments", `EncryptedFile` of
 * version 2). Holds a key: it goes into no stream, log or dead letter.
 */
export const encryptedFile = z.object({
  v: z.literal('v2'),
  key: z.object({
    kty: z.literal('oct'),
    alg: z.literal('A256CTR'),
    ext: z.literal(true),
    key_ops: z.array(z.string()).refine((ops) => ops.includes('decrypt'), 'does not decrypt'),
    /** 256 bits, base64url without padding. */
    k: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'not 32 bytes'),
  }),
  /** 128 bits, base64 without padding. */
  iv: z.string().regex(/^[A-Za-z0-9+/]{22}(?:==)?$/, 'not 16 bytes'),
  hashes: z.object({ sha256: z.string().regex(/^[A-Za-z0-9+/]{43}=?$/, 'not 32 bytes') }),
});
export type EncryptedFile = z.infer<typeof encryptedFile>;
