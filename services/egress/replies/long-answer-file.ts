import type { Logger } from 'pino';
import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { encryptMedia } from '#crypto/media/encrypt-media';
import { mediaKey } from '#crypto/media/encrypted-file';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { parseMxc } from '#matrix/media/parse-mxc';
import { uploadMedia } from '#matrix/media/upload-media';
import type { AttachedFile } from '#matrix/render-message';
import { failpoint } from '#runtime/failpoint';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';
import { SendLaterError } from '../errors.ts';
import type { RoomEncryption } from '../sending/room-encryption.ts';
import { answerFileField } from './posted-reply.ts';

export interface StoreAnswerDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  readonly client: Pick<MatrixClient, 'request'>;
  readonly encryption: RoomEncryption;
  /** The room where a session's room goes on. */
  readonly roomFor: (room: string) => Promise<string>;
  readonly redisNow: () => Promise<number>;
  readonly log: Logger;
}

export interface AnswerFile {
  readonly reply: string;
  readonly room: string;
  readonly markdown: string;
}

/** Puts an answer into the homeserver's media store, once for each reply; undefined where it is not taken. */
export type StoreAnswer = (delivery: Delivery, answer: AnswerFile) => Promise<AttachedFile | undefined>;

/** What is remembered of an upload, in the record of the posted reply; sealed, as it may hold a key. */
const uploaded = z.object({
  url: z.string().refine((url) => parseMxc(url) !== undefined),
  key: mediaKey.nullable(),
  bytes: z.int().nonnegative(),
});
type Uploaded = z.infer<typeof uploaded>;

/** As long as the record itself. It goes when the answer stands. */
const keptMs = 14 * 24 * 60 * 60_000;
/** Beyond this an answer comes without its file: people have waited long enough. */
const patienceMs = 2 * 60_000;
const defaultRetryMs = 5_000;

export function createStoreAnswer(deps: StoreAnswerDeps): StoreAnswer {
  return async (delivery, answer) => {
    try {
      const room = await deps.roomFor(answer.room);
      const isEncrypted = await deps.encryption.isEncrypted(room, delivery.signal);
      const known = await recall(deps, delivery, answer.reply);
      // A room that was encrypted since gets no file in the clear.
      const isFit = known !== undefined && (known.key !== null || !isEncrypted);
      return attachmentOf(isFit ? known : await upload(deps, delivery, answer, isEncrypted));
    } catch (error) {
      if (!(error instanceof MatrixRequestError)) throw error;
      return later(deps, delivery, answer, error);
    }
  };
}

/** Comes again for what may pass, for a while; then, or where the homeserver refuses, there is no file. */
async function later(
  { redisNow, log }: StoreAnswerDeps,
  { appendedAt }: Delivery,
  { room }: AnswerFile,
  error: MatrixRequestError,
): Promise<undefined> {
  if (error.retryable && (await redisNow()) - appendedAt < patienceMs) {
    const retryAfterMs = Math.min(error.retryAfterMs ?? defaultRetryMs, patienceMs);
    const about = { retryAfterMs, why: 'the homeserver takes no file now', mayHaveArrived: false };
    throw new SendLaterError(room, about, { cause: error });
  }
  log.warn({ err: error, room }, 'A long answer comes in parts: the homeserver does not take its file');
  return undefined;
}

async function upload(
  { client, sealBody, keys }: StoreAnswerDeps,
  delivery: Delivery,
  { reply, markdown }: AnswerFile,
  isEncrypted: boolean,
): Promise<Uploaded> {
  const bytes = Buffer.from(markdown, 'utf8');
  const sealed = isEncrypted ? encryptMedia(bytes) : undefined;
  const file =
    sealed === undefined
      ? { bytes, contentType: 'text/markdown; charset=utf-8', filename: name }
      : { bytes: sealed.ciphertext, contentType: 'application/octet-stream' };
  const options = { signal: delivery.signal, timeoutMs: 60_000 };
  const url = await uploadMedia(client.request, file, options);
  const stored = { url, key: sealed?.key ?? null, bytes: bytes.length };
  const key = keys.reply(delivery.partition, reply);
  // Before it is posted: whoever goes on after a crash posts this very file.
  await delivery.save({
    writes: [
      { command: 'HSET', key, args: [answerFileField, sealBody(JSON.stringify(stored))] },
      { command: 'PEXPIRE', key, args: [String(keptMs)] },
    ],
  });
  await failpoint('egress.after-upload');
  return stored;
}

async function recall(
  { redis, keys, openBody, log }: StoreAnswerDeps,
  { partition }: Delivery,
  reply: string,
): Promise<Uploaded | undefined> {
  const sealed = await redis.hget(keys.reply(partition, reply), answerFileField);
  if (sealed === null) return undefined;
  try {
    return uploaded.parse(JSON.parse(openBody(sealed)));
  } catch (error) {
    log.warn(
      { err: error, reply },
      'What is noted of an uploaded answer cannot be read: it is uploaded again',
    );
    return undefined;
  }
}

const name = 'answer.md';

function attachmentOf({ url, key, bytes }: Uploaded): AttachedFile {
  const source = key === null ? { url } : { file: { ...key, url } };
  return { name, mimetype: 'text/markdown', bytes, source };
}
