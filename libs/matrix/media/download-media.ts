import { setTimeout as sleep } from 'node:timers/promises';
import { MatrixRequestError, MediaTooLargeError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { type MxcParts, parseMxc } from './parse-mxc.ts';

export interface DownloadOptions {
  /** What the sender says about the size is not asked for: bytes are counted as they come. */
  readonly maxBytes: number;
  /** For all tries together; default 10 s. */
  readonly timeoutMs?: number;
}

export type Download =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: 'too_large' | 'unreachable' };

const defaultTimeoutMs = 10_000;
const pauseMs = 500;
const mostTries = 3;

/**
 * Fetches a file from the own homeserver, which fetches it from others where it has to: by authenticated media
 * (client-server API, `GET /_matrix/client/v1/media/download`), from one that does not know it yet by the older
 * `/_matrix/media/v3/download`. Only a legal `mxc:` URI is asked for, and no redirect is followed. What may pass (no
 * answer, 429, 5xx) is tried again within `timeoutMs`.
 */
export async function downloadMedia(
  request: MatrixRequest,
  uri: string,
  { maxBytes, timeoutMs = defaultTimeoutMs }: DownloadOptions,
): Promise<Download> {
  const mxc = parseMxc(uri);
  if (mxc === undefined) return { ok: false, reason: 'unreachable' };
  const deadline = performance.now() + timeoutMs;
  let isOld = false;
  for (let tries = 1; ; tries += 1) {
    const leftMs = Math.max(1, Math.floor(deadline - performance.now()));
    try {
      const options = { download: { maxBytes }, timeoutMs: leftMs };
      return { ok: true, bytes: bytesOf(await request('GET', pathOf(mxc, isOld), options)) };
    } catch (error) {
      if (error instanceof MediaTooLargeError) return { ok: false, reason: 'too_large' };
      if (!(error instanceof MatrixRequestError)) throw error;
      if (!isOld && isUnknownPath(error)) {
        isOld = true;
        continue;
      }
      const waitMs = error.retryAfterMs ?? pauseMs * tries;
      if (!mayPass(error) || tries >= mostTries || performance.now() + waitMs >= deadline) {
        return { ok: false, reason: error.status === 413 ? 'too_large' : 'unreachable' };
      }
      await sleep(waitMs);
    }
  }
}

function pathOf({ server, id }: MxcParts, isOld: boolean): string {
  const api = isOld ? 'media/v3' : 'client/v1/media';
  return `/_matrix/${api}/download/${encodeURIComponent(server)}/${id}`;
}

function bytesOf(answer: unknown): Uint8Array {
  if (answer instanceof Uint8Array) return answer;
  throw new TypeError('A download gave no bytes');
}

/** Homeservers older than Matrix 1.11 do not know authenticated media. */
function isUnknownPath({ status, errcode }: MatrixRequestError): boolean {
  return status === 404 && (errcode === 'M_UNRECOGNIZED' || errcode === null);
}

/** A redirect is no matter of time: it leads away from the homeserver, and is not followed. */
function mayPass({ status, retryable }: MatrixRequestError): boolean {
  return retryable && !(status !== null && status >= 300 && status < 400);
}
