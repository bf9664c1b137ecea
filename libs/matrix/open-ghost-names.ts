import { loadAppserviceRegistration } from './appservice-registration.ts';
import { type FoundNames, ghostNames } from './ghost-names.ts';
import type { MatrixSettings } from './matrix-settings.ts';

/**
 * The names of the ghosts on the bot's server.
 *
 * @param prefix how their local parts begin, see `ghostSettings`.
 * @returns undefined where the bot is no appservice, which has no users but itself.
 * @throws {RegistrationError} where the registration file cannot be used.
 */
export async function openGhostNames(
  { access }: Pick<MatrixSettings, 'access'>,
  botId: string,
  prefix: string,
): Promise<FoundNames | undefined> {
  if (access.kind !== 'appservice') return undefined;
  const registration = await loadAppserviceRegistration(access.registrationFile);
  return ghostNames(registration, botId.slice(botId.indexOf(':') + 1), prefix);
}
