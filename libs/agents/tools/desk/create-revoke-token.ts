import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import type { ForgeDesk } from './forge-desk.ts';

const args = z.strictObject({ fingerprint: deskArguments.fingerprint });

/** Of low risk though it changes something: a leaked token has to go at once, and revoking twice is revoking once. */
export function createRevokeToken(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'revoke_token',
    description: 'Revokes an access token that has leaked, found by its fingerprint.',
    args,
    data: z.object({ fingerprint: z.string(), revoked: z.boolean() }),
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ fingerprint }, call) => {
      const revoked = await desk.revokeToken(fingerprint, call);
      const text = revoked
        ? `The token with the fingerprint \`${fingerprint}\` is revoked.`
        : `No token has the fingerprint \`${fingerprint}\`.`;
      return { text, data: { fingerprint, revoked } };
    },
  };
}
