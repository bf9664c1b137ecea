import type { Logger } from 'pino';
import { titleOf } from '#agents/specialists/title-of';
import type { CryptoSlot } from '#crypto/crypto-device';
import type { AccountDeps } from '#matrix/connect-account';
import { connectSender } from '#matrix/connect-sender';
import { MatrixRequestError } from '#matrix/errors';
import type { GhostNames } from '#matrix/ghost-names';
import type { MatrixClient } from '#matrix/matrix-client';
import type { MatrixSettings } from '#matrix/matrix-settings';
import type { Speaker } from '../sending/speaker.ts';
import type { Outcome } from './outcome.ts';
import { refusalIn } from './refusal-in.ts';

/** Opens this replica's own device of a ghost, which encrypts. */
export type OpenCrypto = (ghost: {
  readonly localpart: string;
  readonly userId: string;
}) => Promise<CryptoSlot>;

export interface OpenGhostDeps {
  readonly matrix: MatrixSettings;
  readonly names: GhostNames;
  readonly account: AccountDeps;
  readonly observe: (client: MatrixClient) => MatrixClient;
  /** Left out without `CRYPTO_STORE_KEY`. */
  readonly openCrypto?: OpenCrypto | undefined;
}

export type OpenGhost = (agent: string) => Promise<Outcome<Speaker>>;

/**
 * Opens the ghost of an agent: its user is made where it is not there, gets a name, and logs in as the one device that all
 * replicas send with, of which the homeserver remembers transaction ids for a day.
 *
 * @returns why there is none where the homeserver refuses it.
 * @throws {MatrixRequestError} where the homeserver gives no usable answer.
 */
export function createOpenGhost(deps: OpenGhostDeps): OpenGhost {
  return async (agent) => {
    const localpart = deps.names.localpartOf(agent);
    if (localpart === undefined) {
      const why = 'is too long, holds letters that look like others, or is not covered by the registration';
      return {
        ok: false,
        reason: `no user can be named after the agent ${JSON.stringify(agent.slice(0, 64))}: it ${why}`,
      };
    }
    try {
      // Whoever waits for this is asked to come again: nothing is gained by staying here.
      const once = { ...deps.account, attempts: 1 };
      const client = deps.observe(await connectSender(deps.matrix, 'egress', once, { localpart }));
      await introduce(client, localpart, titleOf(agent), deps.account.log);
      const crypto = await deps.openCrypto?.({ localpart, userId: client.userId });
      return { ok: true, value: { client, crypto } };
    } catch (error) {
      const reason = refusalIn(error);
      if (reason === undefined) throw error;
      return { ok: false, reason };
    }
  };
}

/** Once: a name that somebody has given it stays. */
async function introduce(client: MatrixClient, localpart: string, name: string, log: Logger): Promise<void> {
  const path = `/_matrix/client/v3/profile/${encodeURIComponent(client.userId)}/displayname`;
  try {
    const shown = await client.request('GET', path).catch(asNameless);
    const given =
      typeof shown === 'object' && shown !== null && 'displayname' in shown ? shown.displayname : null;
    // Homeservers name a new user after its local part.
    if (given === null || given === '' || given === localpart) {
      await client.request('PUT', path, { body: { displayname: name } });
    }
  } catch (error) {
    log.warn({ err: error, ghost: client.userId }, 'A ghost could not be given its name');
  }
}

function asNameless(error: unknown): undefined {
  if (error instanceof MatrixRequestError && error.status === 404) return undefined;
  throw error;
}
