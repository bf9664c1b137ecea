import type { Policies } from './policies.ts';
import type { PoliciesFile } from './schemas/policies-file.ts';

/** What `policies.yaml` says beside who decides about tools. */
export function resolvePolicies(file: PoliciesFile): Policies {
  const { messages, review, privacy, security, memory, takeover } = file;
  const { user, room, prices } = file.budgets;
  return {
    messages,
    review,
    privacy,
    security,
    budgets: { user: limitsOf(user), room: limitsOf(room), prices },
    memory: {
      ttlSeconds: memory.ttl,
      pattern: { users: memory.pattern.users, withinSeconds: memory.pattern.within },
    },
    takeoverIdleSeconds: takeover.idle,
  };
}

type Limits = PoliciesFile['budgets']['user'];

function limitsOf({ tokensPerDay, costPerDay, stepsPerDay }: Limits): Policies['budgets']['user'] {
  return { tokensPerDay, costPerDay, stepsPerDay };
}
