import { Buffer } from 'node:buffer';
import { z } from 'zod';

/** More than homeservers take (Synapse: 50 MB), and what one process can hold beside its other work. */
export const mostMediaBytes = 64 * 1024 * 1024;

const isBytes = (text: string, bytes: number, alphabet: RegExp): boolean =>
  alphabet.test(text) && Buffer.from(text, 'base64').length === bytes;
const base64 = (bytes: number) =>
  z
    .string()
    .refine((text) => isBytes(text, bytes, /^[A-Za-z0-9+/]+={0,2}$/), `is not ${bytes} bytes in base64`);
const base64Url = (bytes: number) =>
  z
    .string()
    .refine((text) => isBytes(text, bytes, /^[A-Za-z0-9_-]+={0,2}$/), `is not ${bytes} bytes in base64url`);

/** What opens an encrypted attachment, without where it lies (client-server API, `EncryptedFile`, version `v2`). */
export const mediaKey = z.object({
  v: z.literal('v2'),
  key: z.object({
    kty: z.literal('oct'),
    alg: z.literal('A256CTR'),
    k: base64Url(32),
    key_ops: z.array(z.string()).refine((uses) => uses.includes('decrypt'), 'does not let decrypt'),
    ext: z.literal(true),
  }),
  iv: base64(16),
  hashes: z.object({ sha256: base64(32) }),
});
export type MediaKey = z.infer<typeof mediaKey>;

/** The `file` of an `m.file`, `m.image`, … in an encrypted room. */
export const encryptedFile = mediaKey.extend({ url: z.string().regex(/^mxc:\/\/[^/]+\/[^/]+$/) });
