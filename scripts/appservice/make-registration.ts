import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';

export interface RegistrationOptions {
  readonly id: string;
  /** The part of user ids after the colon. */
  readonly serverName: string;
  /** Where the homeserver reaches ingress. */
  readonly url: string;
  /** The local part of the appservice's own user: the bot, unless that is another one. */
  readonly sender: string;
  /** The local part of the bot, where it is not the sender. */
  readonly bot?: string | undefined;
  /** How the local parts of those who speak for agents begin. */
  readonly prefix: string;
}

/**
 * A registration file with tokens of its own (application service API, "Registration"). Nothing of vagent reads what
 * homeservers push beside events, so none of it is asked for: its devices read their keys from /sync.
 */
export function makeRegistration(options: RegistrationOptions): string {
  const { id, serverName, url, sender, bot, prefix } = options;
  const token = (): string => randomBytes(32).toString('hex');
  const users = (localparts: string) => ({
    exclusive: true,
    regex: `@${localparts}:${escaped(serverName)}`,
  });
  return stringify({
    id,
    url,
    as_token: token(),
    hs_token: token(),
    sender_localpart: sender,
    rate_limited: false,
    receive_ephemeral: false,
    namespaces: {
      users: [users(`${escaped(prefix)}.*`), ...(bot === undefined ? [] : [users(escaped(bot))])],
      aliases: [],
      rooms: [],
    },
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[.[\]+]/g, (char) => `\\${char}`);
}
