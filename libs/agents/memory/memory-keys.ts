import { createHash } from 'node:crypto';
import { encodeKeyPart } from '#checkpoint/key-part';

/**
 * The names of all keys of the memory. A person and an organisation have a slot each, so that a Cluster can spread
 * them; what an organisation holds of a person carries a digest of the user id, not the id.
 */
export function createMemoryKeys(prefix: string) {
  const ofUser = (user: string): string => `${prefix}:{memory:user:${encodeKeyPart(user)}}`;
  const ofOrganisation = (organisation: string): string =>
    `${prefix}:{memory:organisation:${encodeKeyPart(organisation)}}`;
  return {
    userStore: (user: string) => `${ofUser(user)}:store`,
    /** Set: the organisations that hold something of the person, beside that of the account. */
    organisations: (user: string) => `${ofUser(user)}:organisations`,
    organisationStore: (organisation: string) => `${ofOrganisation(organisation)}:store`,
    /** Set: the topics that somebody reported. */
    topics: (organisation: string) => `${ofOrganisation(organisation)}:topics`,
    /** Sorted set of digests of people, by the time of their latest report. */
    pattern: (organisation: string, topic: string) =>
      `${ofOrganisation(organisation)}:pattern:${encodeKeyPart(topic)}`,
    /** `count turn` while the alert of a topic has been given. */
    alerted: (organisation: string, topic: string) =>
      `${ofOrganisation(organisation)}:alerted:${encodeKeyPart(topic)}`,
  };
}

/** A name for a person, or a turn, that does not show who, or what, it is. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
