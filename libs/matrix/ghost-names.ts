import type { AppserviceRegistration } from './appservice-registration.ts';

/** The users that speak for agents: ghosts of the appservice, one for each agent. */
export interface GhostNames {
  /**
   * The local part of an agent's ghost, another one for each agent; undefined where the agent can have none: its id is
   * too long, holds letters that look like others, or is the bot's own, or the registration does not cover it.
   */
  localpartOf(agent: string): string | undefined;
  /** Whether the user is one of the ghosts, also of an agent that is gone. */
  isGhost(userId: string): boolean;
  /** The agent that the user speaks for, whether it is still there or not. */
  agentOf(userId: string): string | undefined;
}

export type FoundNames =
  | { readonly ok: true; readonly names: GhostNames }
  /** Why there are no ghosts, and what to do to have them. */
  | { readonly ok: false; readonly reason: string };

const longestAgent = 64;
const longestUserId = 255;

/**
 * Where ghosts are possible: under `prefix`, in a namespace of the registration that is exclusive, so that nobody else
 * can take the name of an agent (application service API, "Registration"; user ids: Matrix spec, Appendices).
 */
export function ghostNames(
  { userNamespaces, senderLocalpart }: Pick<AppserviceRegistration, 'userNamespaces' | 'senderLocalpart'>,
  serverName: string,
  prefix: string,
): FoundNames {
  const patterns = userNamespaces.flatMap(({ regex, isExclusive }) => (isExclusive ? compiled(regex) : []));
  const isOurs = (userId: string): boolean =>
    userId.length <= longestUserId && patterns.some((pattern) => pattern.test(userId));
  if (!isOurs(`@${prefix}agent:${serverName}`)) return { ok: false, reason: remedy(prefix, serverName) };
  const names: GhostNames = {
    localpartOf(agent) {
      const name = escaped(agent);
      if (name === undefined) return undefined;
      const localpart = `${prefix}${name}`;
      return localpart !== senderLocalpart && isOurs(`@${localpart}:${serverName}`) ? localpart : undefined;
    },
    isGhost: (userId) =>
      userId.startsWith(`@${prefix}`) &&
      userId.endsWith(`:${serverName}`) &&
      userId !== `@${senderLocalpart}:${serverName}` &&
      isOurs(userId),
    agentOf(userId) {
      const local = userId.slice(1 + prefix.length, userId.indexOf(':'));
      const agent = local.replaceAll(/=([0-9a-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      // What another spelling would lead to is nobody's.
      return names.isGhost(userId) && escaped(agent) === local ? agent : undefined;
    },
  };
  return { ok: true, names };
}

/** Of the whole user id, though homeservers look at its beginning only: narrower is never wrong. */
function compiled(regex: string): RegExp[] {
  try {
    return [new RegExp(`^(?:${regex})$`)];
  } catch {
    // A dialect that only the homeserver knows.
    return [];
  }
}

/** As the spec maps other characters: `=` and two hexadecimal digits; letters beyond ASCII look like others. */
function escaped(agent: string): string | undefined {
  if (agent.length > longestAgent || !/^[\x20-\x7e]+$/.test(agent)) return undefined;
  return agent.replaceAll(/[^a-z0-9._-]/g, (char) => `=${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function remedy(prefix: string, serverName: string): string {
  return `no exclusive namespace of users in the registration covers @${prefix}…:${serverName}. Add {exclusive: true, regex: '@${prefix}.*:${serverName}'} to namespaces.users ("vagent appservice registration" writes such a file), and restart the homeserver and vagent`;
}
