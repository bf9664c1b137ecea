import { setTimeout as sleep } from 'node:timers/promises';
import { DecryptionSettings, DeviceLists, TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { DeviceParts } from '#crypto/device-parts';
import { DeviceForgottenError, DeviceLostError } from '#crypto/errors';
import { toUserIds } from '#crypto/to-user-ids';
import { MatrixLoginError, MatrixRequestError, SenderSyncError } from '#matrix/errors';
import { backoffMs } from '#runtime/backoff-ms';
import { failpoint } from '#runtime/failpoint';
import { type DeviceNews, lightSync } from './light-sync.ts';
import type { RequestPump } from './request-pump.ts';

export interface FollowOptions {
  readonly pump: RequestPump;
  /** Called once, when nothing of what waited for the device is left. */
  readonly onCaughtUp: () => void;
  /** How long the homeserver may hold a request while nothing happens. */
  readonly waitMs: number;
}

/** News that the SDK cannot take in is tried so often, then left out: it must not keep the device from all others. */
const maxTries = 5;

/**
 * Takes in what the homeserver has for the device, until the device is ours no more. The place in /sync moves in the
 * same write as what it brought, and the homeserver is asked for more only after that: it forgets what was taken.
 *
 * @throws {DeviceLostError}, {@link DeviceForgottenError} or {@link SenderSyncError}; all else is tried again.
 */
export async function followNews(parts: DeviceParts, options: FollowOptions): Promise<never> {
  const { store, log, ended } = parts;
  let hasCaughtUp = false;
  let failures = 0;
  const unread: Unread = { place: undefined, tries: 0 };
  for (;;) {
    ended.throwIfAborted();
    try {
      await store.flush();
      await options.pump.run();
      const waitMs = hasCaughtUp ? options.waitMs : 0;
      const news = await lightSync(parts.client.request, { since: store.since, waitMs, signal: ended });
      await takeIn(parts, news, unread);
      await store.flush();
      await failpoint('crypto.after-news');
      failures = 0;
      if (news.to_device.events.length > 0 || hasCaughtUp) continue;
      await options.pump.run();
      hasCaughtUp = true;
      options.onCaughtUp();
    } catch (error) {
      ended.throwIfAborted();
      if (isEnd(error)) throw error;
      failures += 1;
      if (isUnknownPlace(error, store.since)) store.since = undefined;
      const pauseMs = backoffMs(failures, { baseMs: 200, maxMs: 10_000 }) + askedMs(error);
      log.warn(
        { err: error, failures, pauseMs },
        'Following the news of the crypto device failed, tries again',
      );
      await sleep(pauseMs, undefined, { signal: ended }).catch(() => undefined);
    }
  }
}

/** News that could not be taken in: behind which place, and how often that was tried. */
interface Unread {
  place: string | undefined;
  tries: number;
}

async function takeIn({ machine, store, log }: DeviceParts, news: DeviceNews, unread: Unread): Promise<void> {
  const { changed, left } = news.device_lists;
  const fallback = news.device_unused_fallback_key_types;
  try {
    await machine.receiveSyncChanges(
      JSON.stringify(news.to_device.events),
      new DeviceLists(toUserIds(changed), toUserIds(left)),
      new Map(Object.entries(news.device_one_time_keys_count)),
      fallback === undefined ? undefined : new Set(fallback),
      new DecryptionSettings(TrustRequirement.Untrusted),
    );
  } catch (error) {
    // Other failures say nothing of the news: a homeserver that was away costs nobody a key.
    unread.tries = unread.place === store.since ? unread.tries + 1 : 1;
    unread.place = store.since;
    if (unread.tries < maxTries) throw error;
    log.error(
      { err: error, messages: news.to_device.events.length },
      'Leaves out news that cannot be taken in',
    );
  }
  store.since = news.next_batch;
}

function isEnd(error: unknown): boolean {
  return (
    error instanceof DeviceLostError ||
    error instanceof DeviceForgottenError ||
    error instanceof MatrixLoginError ||
    error instanceof SenderSyncError ||
    // The SDK has panicked: what is in memory may be half done, what is stored is not.
    error instanceof WebAssembly.RuntimeError
  );
}

/** The homeserver does not know the token: it was restored from a backup, or is another one. */
function isUnknownPlace(error: unknown, since: string | undefined): boolean {
  return since !== undefined && error instanceof MatrixRequestError && error.status === 400;
}

function askedMs(error: unknown): number {
  return error instanceof MatrixRequestError ? Math.min(error.retryAfterMs ?? 0, 30_000) : 0;
}
