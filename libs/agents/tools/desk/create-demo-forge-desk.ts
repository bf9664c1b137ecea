import { createDemoChanges } from './create-demo-changes.ts';
import { demoAddresses, demoFailingSince, isSuspicious } from './demo-data.ts';
import type { ForgeDesk } from './forge-desk.ts';
import { openDemoState } from './open-demo-state.ts';

/**
 * The code host's systems for demonstrations: any name has data, made up and always the same, and changes are seen
 * afterwards. It lives in this process and forgets with it, so each worker replica has its own: with several
 * replicas a change made by one is not seen by the others.
 */
export function createDemoForgeDesk({
  now = () => new Date(),
}: {
  readonly now?: () => Date;
} = {}): ForgeDesk {
  const state = openDemoState(now);
  return {
    findInvoice: async (id) => state.invoices.get(id),
    findAccount: async (username) => state.accounts.get(username),
    findOrganisation: async (name) => state.organisations.get(name),
    readPipeline: async (name) => {
      const found = state.organisations.get(name);
      if (found === undefined) return undefined;
      if (found.ci_used < found.ci_limit) {
        return { organisation: name, state: 'passing', failing_since: null, reason: null };
      }
      return {
        organisation: name,
        state: 'failing',
        failing_since: demoFailingSince(name, state.began).toISOString(),
        reason: `the CI limit of ${found.ci_limit} a month is used up`,
      };
    },
    readAuditLog: async (subject) => state.events(subject),
    checkIpReputation: async (subject) => ({
      suspicious: isSuspicious(subject),
      addresses: [...demoAddresses(subject)],
    }),
    ...createDemoChanges(state),
  };
}
