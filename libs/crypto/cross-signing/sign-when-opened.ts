import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import { CrossSigningError } from '#crypto/errors';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { initCrossSigning, publishKeptKeys } from './init-cross-signing.ts';
import type { SavedKeys } from './saved-keys.ts';
import { signDevice } from './sign-device.ts';

export interface SignWhenOpenedOptions {
  readonly saved: SavedKeys;
  readonly log: Logger;
  /** Make the keys where there are none, or none that are kept: for ghosts of an appservice, whom no person sets up. */
  readonly makesKeys?: boolean | undefined;
}

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
export function signWhenOpened({
  saved,
  log,
  makesKeys = false,
}: SignWhenOpenedOptions): (machine: OlmMachine, client: MatrixClient) => Promise<void> {
  return async (machine, client) => {
    const about = { user: client.userId, device: client.deviceId };
    const sign = async () => {
      if (makesKeys && (await initCrossSigning({ client, saved })).kind === 'elsewhere')
        await publishKeptKeys({ client, saved });
      return signDevice({ machine, client, saved });
    };
    const signing = await sign().catch((error: unknown) => {
      const isFinal =
        error instanceof CrossSigningError || (error instanceof MatrixRequestError && !error.retryable);
      if (!isFinal) throw error;
      log.warn({ ...about, err: error }, 'The homeserver does not let the crypto device be signed');
      return 'refused' as const;
    });
    if (signing === 'signed') log.info(about, 'The crypto device is signed now');
    if (signing === 'signed' || signing === 'was signed') return;
    log.warn(
      { ...about, signing },
      `The crypto device is not signed: clients that refuse such devices neither show what it sends nor send it keys. ${hints[signing]}`,
    );
  };
}
