import { z } from 'zod';
import { type Verifier, verifierOf } from '#agents/sops/verifier';

/** Checks over what `revoke_token` gives. */
export const tokenVerifiers: readonly Verifier[] = [
  verifierOf(
    { name: 'token_revoked', description: 'the token is of no use any more' },
    z.object({ fingerprint: z.string(), revoked: z.boolean() }),
    ({ revoked }) =>
      revoked
        ? { hasPassed: true }
        : { hasPassed: false, why: 'I found no token of ours with this fingerprint.' },
  ),
];
