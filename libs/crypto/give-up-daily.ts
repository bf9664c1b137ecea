import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceParts } from './device-parts.ts';
import { DeviceLostError } from './errors.ts';

export interface GiveUpDailyOptions {
  /** Runs work while the store cannot be closed. @throws {DeviceLostError} */
  readonly use: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether events wait that may need old room keys: then none are given up. */
  readonly isBehind?: (() => Promise<boolean>) | undefined;
  readonly everyMs?: number | undefined;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Once a day gives up what the next opening of the device's store would give up: a device may be open for months. Resolves
 * when the device has ended.
 */
export async function giveUpDaily(
  {
    store,
    ended,
    deviceId,
    log,
  }: Pick<DeviceParts, 'ended' | 'deviceId' | 'log'> & {
    readonly store: Pick<DeviceParts['store'], 'giveUpOld'>;
  },
  { use, isBehind, everyMs = dayMs }: GiveUpDailyOptions,
): Promise<void> {
  while (!ended.aborted) {
    await sleep(everyMs, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    try {
      if ((await isBehind?.()) === true) continue;
      const givenUp = await use(() => store.giveUpOld());
      if (givenUp > 0)
        log.info({ device: deviceId, givenUp }, 'Room keys that were rotated away long ago are given up');
    } catch (error) {
      if (error instanceof DeviceLostError) return;
      log.warn(
        { err: error, device: deviceId },
        'Old room keys could not be given up, tries again another day',
      );
    }
  }
}
