import { z } from 'zod';
import { type Verifier, verifierOf } from '#agents/sops/verifier';

const account = z.object({ username: z.string().min(1), two_factor: z.boolean(), locked: z.boolean() });

/** Checks over what `find_account` gives. */
export const accountVerifiers: readonly Verifier[] = [
  verifierOf(
    { name: 'account_found', description: 'the account that was asked for exists' },
    account.pick({ username: true }),
    ({ username }, { args }) => {
      const asked = args['username'];
      const isSame = typeof asked !== 'string' || asked.toLowerCase() === username.toLowerCase();
      return isSame
        ? { hasPassed: true }
        : { hasPassed: false, why: `I found another account than ${asked}.` };
    },
  ),
  verifierOf(
    {
      name: 'permission_safe',
      description: 'the account may be given more permissions: not locked, with a second factor',
    },
    account,
    ({ username, two_factor, locked }) => {
      if (locked)
        return { hasPassed: false, why: `The account ${username} is locked, so it gets no permission now.` };
      if (!two_factor) {
        return {
          hasPassed: false,
          why: `The account ${username} needs two-factor authentication before it gets more permissions.`,
        };
      }
      return { hasPassed: true };
    },
  ),
];
