import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceHooks, HookedDevice } from '#crypto/device-hooks';
import { DeviceLostError } from '#crypto/errors';
import {
  createSign,
  type SigningOutcome,
  type SignWhenOpenedOptions,
  signWhenOpened,
  tellSigning,
} from './sign-when-opened.ts';

export interface KeepSignedOptions extends Omit<SignWhenOpenedOptions, 'makesKeys'> {
  /** How often the kept keys are looked at: one read of a few hundred bytes. */
  readonly everyMs?: number;
}

/** A device that could not be signed is tried again by itself after at most so long: keys are kept before they are published. */
const longestMs = 30_000;
/** From the third time on it is no matter of the moment between keeping keys and publishing them. */
const toldAfter = 3;

/**
 * Signs a device when it is opened, and again as soon as other cross-signing keys are kept: after `vagent crypto init`,
 * `--restore` or `--reset` nothing has to be restarted.
 */
export function keepSigned({ everyMs = 2_000, ...options }: KeepSignedOptions): Required<DeviceHooks> {
  const { saved, log } = options;
  const signFirst = signWhenOpened(options);
  const sign = createSign(options);
  let seen: string | undefined;
  let outcome: SigningOutcome | undefined;

  /** Resolves to whether it is done: nothing is to be tried before the keys change. */
  async function look(device: HookedDevice, tries: number): Promise<boolean> {
    outcome = await device.alone(() => sign(device.machine, device.client));
    if (outcome === 'signed' || tries === toldAfter) tellSigning(log, device.client, outcome);
    return isDone(outcome);
  }

  return {
    async onOpened(machine, client) {
      seen = await saved.mark();
      outcome = await signFirst(machine, client);
    },
    async whileOpen(device) {
      const { ended } = device;
      // What was told when the device was opened is not told again.
      let tries = toldAfter;
      let nextAt = isDone(outcome) ? Number.POSITIVE_INFINITY : performance.now() + everyMs;
      while (!ended.aborted) {
        await sleep(everyMs, undefined, { signal: ended }).catch(() => undefined);
        if (ended.aborted) return;
        try {
          const mark = await saved.mark();
          if (mark !== seen) [seen, tries, nextAt] = [mark, 0, 0];
          if (performance.now() < nextAt) continue;
          tries += 1;
          nextAt = performance.now() + Math.min(everyMs * 2 ** (tries - 1), longestMs);
          if (await look(device, tries)) nextAt = Number.POSITIVE_INFINITY;
        } catch (error) {
          if (error instanceof DeviceLostError) return;
          log.warn(
            { err: error, device: device.client.deviceId },
            'Could not sign the crypto device, tries again',
          );
        }
      }
    },
  };
}

/** Without keys there is nothing to do until there are some. */
function isDone(outcome: SigningOutcome | undefined): boolean {
  return outcome === 'signed' || outcome === 'was signed' || outcome === 'no keys';
}
