import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';

export interface RegistrationOptions {
  readonly id: string;
  /** The part of user ids after the colon. */
  readonly serverName: string;
  /** Where the homeserver reaches ingress. */
  readonly url: string;
  /** The local part of the bot. */
  readonly sender: string;
  /** How the local parts of those who speak for agents begin. */
  readonly prefix: string;
}

/**
 * A registration file with tokens of its own (application service API, "Registration"). Nothing of vagent reads what
 * homeservers push beside events, so none of it is asked for: its devices read their keys from /sync.
 */
export function makeRegistration({ id, serverName, url, sender, prefix }: RegistrationOptions): string {
  const token = (): string => randomBytes(32).toString('hex');
  return stringify({
    id,
    url,
    as_token: token(),
    hs_token: token(),
    sender_localpart: sender,
    rate_limited: false,
    receive_ephemeral: false,
    namespaces: {
      users: [{ exclusive: true, regex: `@${escaped(prefix)}.*:${escaped(serverName)}` }],
      aliases: [],
      rooms: [],
    },
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[.[\]+]/g, (char) => `\\${char}`);
}
