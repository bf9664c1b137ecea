import { z } from 'zod';
import { type Evidence, type Verifier, verifierOf } from '#agents/sops/verifier';
import { foundVerifier } from './found-verifier.ts';

const organisation = z.object({ organisation: z.string().min(1) });
const owned = organisation.extend({ owners: z.array(z.string()) });
const pipeline = organisation.extend({ state: z.string().min(1) });

/** Checks over what `find_organisation` and `read_pipeline` give. */
export const organisationVerifiers: readonly Verifier[] = [
  foundVerifier('organisation', 'organisation'),
  verifierOf(
    { name: 'owner_confirmed', description: 'an owner of the organisation asks, or is named' },
    owned,
    ({ organisation: name, owners }, evidence) => {
      const known = new Set(owners.map((owner) => owner.toLowerCase()));
      const asker = localpartOf(evidence.requester);
      // A name says nothing of its server: who decides has to see all of it.
      if (asker !== undefined && known.has(asker)) {
        return { hasPassed: true, note: `Asked by ${evidence.requester}, taken for the owner ${asker}.` };
      }
      const named = namesIn(evidence).find((username) => known.has(username));
      if (named === undefined) {
        return {
          hasPassed: false,
          why: `Only an owner of ${name} can ask for this, and I could not see that you are one.`,
        };
      }
      return {
        hasPassed: true,
        note: `The message names ${named}, an owner of ${name}; that ${named} wrote it is not proven.`,
      };
    },
  ),
  verifierOf({ name: 'pipeline_read', description: 'the state of the pipeline is known' }, pipeline, () => ({
    hasPassed: true,
  })),
];

function namesIn({ entities }: Evidence): string[] {
  return (entities['username'] ?? []).flatMap((name) =>
    typeof name === 'string' ? [name.toLowerCase()] : [],
  );
}

/** `@ann:example.org` is `ann`. */
function localpartOf(user: string | undefined): string | undefined {
  return user === undefined ? undefined : /^@([^:]+):/.exec(user)?.[1]?.toLowerCase();
}
