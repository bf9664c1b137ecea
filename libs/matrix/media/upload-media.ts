import { z } from 'zod';
import type { MatrixRequest } from '#matrix/matrix-client';
import { parseAnswer } from '#matrix/parse-answer';
import { parseMxc } from './parse-mxc.ts';

export interface Upload {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Left out for what is encrypted: the name would tell of it. */
  readonly filename?: string;
}

const path = '/_matrix/media/v3/upload';
const uploaded = z.object({ content_uri: z.string().refine((uri) => parseMxc(uri) !== undefined) });

/**
 * Puts bytes into the homeserver's media store (client-server API, `POST /_matrix/media/v3/upload`). Twice makes two files:
 * the caller remembers the `mxc:` URI that it gets.
 *
 * @throws {MatrixRequestError} as the homeserver answers; it is not tried again here.
 */
export async function uploadMedia(
  request: MatrixRequest,
  { bytes, contentType, filename }: Upload,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<string> {
  const query = { filename };
  const answer = await request('POST', path, { ...options, query, upload: { bytes, contentType } });
  return parseAnswer(uploaded, path, answer).content_uri;
}
