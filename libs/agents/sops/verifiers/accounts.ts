import { z } from 'zod';
import { type Verdict, type Verifier, verifierOf } from '#agents/sops/verifier';
import { foundVerifier } from './found-verifier.ts';

const account = z.object({ username: z.string().min(1), two_factor: z.boolean(), locked: z.boolean() });

const auditLog = z.object({ events: z.array(z.object({ actor: z.string(), action: z.string() })) });
const suspicious = /fail|(?<!un)lock|leak|suspicious|takeover/;

/** Checks over what `find_account` and `read_audit_log` give. */
export const accountVerifiers: readonly Verifier[] = [
  foundVerifier('account', 'username'),
  verifierOf(
    {
      name: 'permission_safe',
      description: 'no account in question is locked, unprotected, or under suspicion by the audit log',
    },
    z.union([account, auditLog]),
    (data) => ('events' in data ? judgeLog(data) : judgeAccount(data)),
  ),
];

function judgeAccount({ username, two_factor, locked }: z.infer<typeof account>): Verdict {
  if (locked)
    return { hasPassed: false, why: `The account ${username} is locked, so it gets no permission now.` };
  if (two_factor) return { hasPassed: true };
  return {
    hasPassed: false,
    why: `The account ${username} needs two-factor authentication before it gets more permissions.`,
  };
}

function judgeLog({ events }: z.infer<typeof auditLog>): Verdict {
  const doubt = events.find(({ action }) => suspicious.test(action));
  if (doubt === undefined) return { hasPassed: true };
  const what = doubt.action.replaceAll('_', ' ');
  return { hasPassed: false, why: `Permissions stay as they are while an account is in doubt (${what}).` };
}
