import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppserviceRegistration } from '../../services/homeserver/appservice/registration.ts';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { freePort } from './free-port.ts';

/** What a suite needs of a homeserver, embedded or real (`startSynapse` returns one, too). */
export interface HomeserverUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly serverName: string;
  readonly registrationSecret: string;
  /** Stops and starts it on the same port with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type StartHomeserver = (options?: {
  appservice?: AppserviceRegistration;
}) => Promise<HomeserverUnderTest>;

/** The embedded homeserver in this process, with its data in a folder of its own that `stop` removes. */
export async function startEmbeddedHomeserver(
  options: { appservice?: AppserviceRegistration; defaultRoomVersion?: string } = {},
): Promise<HomeserverUnderTest & { readonly homeserver: () => Homeserver }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vagent-homeserver-'));
  const port = await freePort();
  const registrationSecret = randomBytes(16).toString('hex');
  const { appservice, ...others } = options;
  const appservices = appservice === undefined ? [] : [appservice];
  const create = (): Homeserver =>
    createHomeserver({ dataDir, port, registrationSecret, appservices, ...others });
  let homeserver = create();
  await homeserver.start();
  const stop = async (): Promise<void> => {
    await homeserver.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return {
    url: homeserver.url,
    serverName: homeserver.serverName,
    registrationSecret,
    homeserver: () => homeserver,
    restart: async () => {
      await homeserver.stop();
      homeserver = create();
      await homeserver.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
