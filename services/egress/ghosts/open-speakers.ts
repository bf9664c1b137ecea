import { openGhostNames } from '#matrix/open-ghost-names';
import { botOnly } from '../sending/bot-only.ts';
import type { Speaker, Speakers } from '../sending/speaker.ts';
import { comeIn } from './come-in.ts';
import { createGhosts } from './create-ghosts.ts';
import { createOpenGhost, type OpenGhostDeps } from './open-ghost.ts';

export interface OpenSpeakersDeps extends Omit<OpenGhostDeps, 'names'> {
  readonly bot: Speaker;
  /** How the local parts of ghosts begin. */
  readonly prefix: string;
}

/**
 * Who speaks: as an appservice whose registration covers them, a ghost for each agent; else the bot alone, and the log says
 * how to have them.
 *
 * @throws {RegistrationError} where the registration file cannot be used.
 */
export async function openSpeakers(deps: OpenSpeakersDeps): Promise<Speakers & AsyncDisposable> {
  const { bot, matrix, prefix } = deps;
  const { log } = deps.account;
  const alone = { ...botOnly(bot), [Symbol.asyncDispose]: async () => undefined };
  const found = await openGhostNames(matrix, bot.client.userId, prefix);
  if (found === undefined) return alone;
  if (!found.ok) {
    log.warn({ reason: found.reason }, 'The bot speaks for all agents: agents have no users of their own');
    return alone;
  }
  log.info({ prefix }, 'Each agent speaks as a user of its own');
  return createGhosts({ bot, openGhost: createOpenGhost({ ...deps, names: found.names }), comeIn, log });
}
