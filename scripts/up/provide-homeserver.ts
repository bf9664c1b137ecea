import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Environment } from '#runtime/read-config';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { freePort } from './free-port.ts';
import { givenHomeserver } from './given.ts';
import { type Household, setUpPeople } from './set-up-people.ts';

export interface ProvidedHomeserver {
  /** What the services need beside the environment that we were given. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  /** Who lives there; undefined where the homeserver is not ours. */
  readonly household: Household | undefined;
  stop(): Promise<void>;
}

const usualPort = 8008;

/** The homeserver that the environment names, else the embedded one, in this process, with its people set up. */
export async function provideHomeserver(
  env: Environment,
  folder: string,
  log: Logger,
): Promise<ProvidedHomeserver> {
  if (givenHomeserver(env) !== undefined) {
    const url = env['MATRIX_HOMESERVER'] ?? 'MATRIX_HOMESERVER_FILE';
    return { environment: {}, url, household: undefined, stop: async () => undefined };
  }
  const dataDir = join(folder, 'homeserver');
  const homeserver = createHomeserver({ dataDir, port: await freePort(usualPort) }, { log });
  await homeserver.start();
  try {
    const household = await setUpPeople(homeserver.url, dataDir);
    const environment = toEnvironment(homeserver.url, household);
    return { environment, url: homeserver.url, household, stop: () => homeserver.stop() };
  } catch (error) {
    await homeserver.stop();
    throw error;
  }
}

function toEnvironment(url: string, { bot, reviewer, adminRoom }: Household): Record<string, string> {
  const everyoneHere = `@*${bot.userId.slice(bot.userId.indexOf(':'))}`;
  return {
    MATRIX_HOMESERVER: url,
    MATRIX_MODE: 'sync',
    MATRIX_USER: bot.userId,
    MATRIX_PASSWORD: bot.password,
    ADMIN_ROOM_ID: adminRoom,
    REVIEWERS: reviewer.userId,
    ALLOWED_ROOMS: '*',
    ALLOWED_INVITERS: everyoneHere,
  };
}
