import { createHash } from 'node:crypto';
import type { Body } from '#contract/bodies';
import type { KeptFile } from '#contract/kept-file';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { decryptMedia } from '#crypto/media/decrypt-media';
import type { MatrixRequest } from '#matrix/matrix-client';
import { cleanFileName } from '#matrix/media/clean-file-name';
import { downloadMedia } from '#matrix/media/download-media';
import type { RoomEvent } from '#matrix/room-event';
import type { Protect } from '#privacy/privacy';
import type { Vault } from '#privacy/vault';
import type { RedisClient } from '#streams/redis-client';
import { redisErrorCode } from '#streams/script';
import type { InboundEntry } from '../admission/verdict.ts';
import type { IngressMetrics } from '../ingress-metrics.ts';
import { cutText } from './cut-text.ts';
import type { FileAllowance } from './file-allowance.ts';
import { sniffMedia } from './sniff-media.ts';

type Attachment = Body<'message.received'>['attachments'][number];
type Refusal = NonNullable<Attachment['refused']>;
type Outcome = { readonly kept: NonNullable<Attachment['kept']> } | { readonly refused: Refusal };

export interface KeepFilesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly sealBody: (json: string) => string;
  readonly request: MatrixRequest;
  readonly protect: Protect;
  readonly vault: Pick<Vault, 'save'>;
  readonly maxBytes: number;
  readonly allowance: FileAllowance;
  /** Of everybody together, for files that do not come: while they are waited for, nothing else is taken. */
  readonly patience: FileAllowance;
  readonly metrics: Pick<IngressMetrics, 'files'>;
}

/** The entry with what became of its files; its other parts stay. */
export type KeepFiles = (event: RoomEvent, entry: InboundEntry) => Promise<InboundEntry>;

const everybody = '*';
const mostFiles = 4;
const keptMs = 24 * 60 * 60 * 1000;

/**
 * Fetches the files of a message that is let in, looks at what they are, and keeps the bytes for the worker before the entry
 * is published. Whatever is wrong with a file, its message goes on, with the reason. A repeat keeps the same again.
 */
export function createKeepFiles(deps: KeepFilesDeps): KeepFiles {
  return async (event, entry) => {
    if (entry.type !== 'message.received' || event.kind !== 'message') return entry;
    const { attachments } = entry.body;
    if (attachments.length === 0) return entry;
    const fact = deps.keys.fact(partitionOf(entry.session, deps.partitions), entry.id);
    // Published before: nobody comes for what would be kept now.
    if ((await deps.redis.exists(fact)) === 1) return entry;
    const looked: Attachment[] = [];
    for (const [index, attachment] of attachments.entries()) {
      const file = event.attachments[index]?.file;
      const { sender } = entry.body;
      const about = { session: entry.session, sender, id: idOf(entry.id, index), file };
      const outcome: Outcome =
        index < mostFiles ? await orRefuse(keepFile(deps, attachment, about)) : { refused: 'too_large' };
      deps.metrics.files.inc({ outcome: 'refused' in outcome ? outcome.refused : 'kept' });
      looked.push({ ...attachment, name: cleanFileName(attachment.name), ...outcome });
    }
    return { ...entry, body: { ...entry.body, attachments: looked } };
  };
}

/** What waits for an operator, a key of the wrong type or a Redis that is full, is no reason to hold messages up. */
async function orRefuse(outcome: Promise<Outcome>): Promise<Outcome> {
  try {
    return await outcome;
  } catch (error) {
    if (!['WRONGTYPE', 'OOM'].includes(redisErrorCode(error) ?? '')) throw error;
    return { refused: 'unreachable' };
  }
}

function idOf(eventId: string, index: number): string {
  return createHash('sha256').update(`${eventId} ${index}`).digest('base64url').slice(0, 32);
}

interface About {
  readonly session: string;
  readonly sender: string;
  readonly id: string;
  /** What opens an encrypted file; undefined for what is not encrypted. */
  readonly file: Readonly<Record<string, unknown>> | undefined;
}

async function keepFile(
  deps: KeepFilesDeps,
  { url, mimetype: claimed }: Attachment,
  { session, sender, id, file }: About,
): Promise<Outcome> {
  const { maxBytes, allowance, patience } = deps;
  if (!allowance.has(sender)) return { refused: 'limited' };
  if (!patience.has(everybody)) return { refused: 'unreachable' };
  const began = performance.now();
  const fetched = await downloadMedia(deps.request, url, { maxBytes });
  // Of what is too large as much was fetched as may be.
  const bytes = fetched.ok ? fetched.bytes.length : fetched.reason === 'too_large' ? maxBytes : 0;
  const waitMs = performance.now() - began;
  allowance.spend(sender, { bytes, waitMs });
  if (!fetched.ok) patience.spend(everybody, { bytes: 0, waitMs });
  if (!fetched.ok) return { refused: fetched.reason };
  const opened = file === undefined ? fetched : decryptMedia(fetched.bytes, file, { maxBytes });
  if (!opened.ok) return { refused: 'undecryptable' };
  const { buffer, byteOffset, byteLength } = opened.bytes;
  const sniffed = sniffMedia(opened.bytes);
  if (sniffed === undefined) return { refused: 'type' };
  if (sniffed.kind === 'text')
    return keepText(deps, { session, id, text: sniffed.text, claimed, bytes: byteLength });
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  await keep(deps, session, { id, content: { kind: 'bytes', base64 } });
  return { kept: { id, mimetype: sniffed.mimetype, bytes: byteLength } };
}

interface Text extends Pick<About, 'session' | 'id'> {
  readonly text: string;
  readonly claimed: string | null;
  readonly bytes: number;
}

const mostItems = 200;
const textTypes = new Set(['text/plain', 'text/markdown', 'text/csv', 'application/json']);

/** Like all that people write: personal data is taken out before it is kept anywhere. */
async function keepText(deps: KeepFilesDeps, { session, id, text, claimed, bytes }: Text): Promise<Outcome> {
  const beginning = cutText(text);
  const guarded = deps.protect(beginning, session);
  if (!guarded.ok) return { refused: 'blocked' };
  // More would push out of the vault what the person wrote in messages: what is not there just stays a placeholder.
  await deps.vault.save(session, guarded.items.slice(0, mostItems));
  const isCut = beginning.length < text.length;
  await keep(deps, session, { id, content: { kind: 'text', text: guarded.text, isCut } });
  const mimetype = claimed !== null && textTypes.has(claimed) ? claimed : 'text/plain';
  return { kept: { id, mimetype, bytes } };
}

async function keep(deps: KeepFilesDeps, session: string, file: KeptFile): Promise<void> {
  const { redis, keys, partitions, sealBody } = deps;
  const key = keys.media(partitionOf(session, partitions), file.id);
  await redis.set(key, sealBody(JSON.stringify(file)), 'PX', keptMs);
}
