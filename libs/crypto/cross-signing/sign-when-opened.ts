import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import { CrossSigningError } from '#crypto/errors';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { initCrossSigning, publishKeptKeys } from './init-cross-signing.ts';
import type { SavedKeys } from './saved-keys.ts';
import { type DeviceSigning, signDevice } from './sign-device.ts';

export interface SignWhenOpenedOptions {
  readonly saved: SavedKeys;
  readonly log: Logger;
  /** Make the keys where there are none, or none that are kept: for ghosts of an appservice, whom no person sets up. */
  readonly makesKeys?: boolean | undefined;
}

export type SigningOutcome =
  | DeviceSigning
  /** The homeserver does not take the signature; the log says why. */
  | 'refused';

type Sign = (machine: OlmMachine, client: MatrixClient) => Promise<SigningOutcome>;

const hints = {
  'no keys': 'Run vagent crypto init',
  'other keys': 'Run vagent crypto init --restore, or --reset',
  refused: 'See vagent crypto status',
} as const;

/**
 * What a slot does with a device that it has opened: signs it. Where that cannot be done the device serves all the same,
 * and the log says what is missing.
 *
 * @throws {MatrixRequestError} where the homeserver gives no usable answer: the device is opened again.
 */
export function signWhenOpened(options: SignWhenOpenedOptions): Sign {
  const sign = createSign(options);
  return async (machine, client) => {
    const signing = await sign(machine, client);
    tellSigning(options.log, client, signing);
    return signing;
  };
}

/** Signs a device, and makes the keys before where that is wanted; see {@link signWhenOpened}. Says nothing of the outcome. */
export function createSign({ saved, log, makesKeys = false }: SignWhenOpenedOptions): Sign {
  return async (machine, client) => {
    const sign = async (): Promise<DeviceSigning> => {
      if (makesKeys && (await initCrossSigning({ client, saved })).kind === 'elsewhere')
        await publishKeptKeys({ client, saved });
      return signDevice({ machine, client, saved });
    };
    return sign().catch((error: unknown) => {
      const isFinal =
        error instanceof CrossSigningError || (error instanceof MatrixRequestError && !error.retryable);
      if (!isFinal) throw error;
      const about = { user: client.userId, device: client.deviceId, err: error };
      log.warn(about, 'The homeserver does not let the crypto device be signed');
      return 'refused' as const;
    });
  };
}

export function tellSigning(log: Logger, client: MatrixClient, signing: SigningOutcome): void {
  const about = { user: client.userId, device: client.deviceId };
  if (signing === 'signed') log.info(about, 'The crypto device is signed now');
  if (signing === 'signed' || signing === 'was signed') return;
  log.warn(
    { ...about, signing },
    `The crypto device is not signed: clients that refuse such devices neither show what it sends nor send it keys. ${hints[signing]}`,
  );
}
