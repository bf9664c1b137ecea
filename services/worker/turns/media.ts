import type { Logger } from 'pino';
import type { Body } from '#contract/bodies';
import { keptFile } from '#contract/kept-file';
import type { Keys } from '#contract/keys';
import type { GivenFile } from '#models/given-file';
import type { Commit, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';

export interface MediaDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly openBody: (sealed: string) => string;
  readonly log: Logger;
}

const mostFiles = 4;

type Attachments = Body<'message.received'>['attachments'];

/** The files of a message for its turn, as ingress has kept them; what is not there is named, with the reason. */
export async function loadFiles(
  deps: MediaDeps,
  partition: number,
  attachments: Attachments,
): Promise<GivenFile[]> {
  // The newest: those of messages that were broken off stand before them.
  const old = attachments
    .slice(0, -mostFiles)
    .map(({ name }): GivenFile => ({ kind: 'unread', name, why: 'gone' }));
  const files = attachments.slice(-mostFiles).map((attachment) => loadFile(deps, partition, attachment));
  return [...old, ...(await Promise.all(files))];
}

async function loadFile(
  deps: MediaDeps,
  partition: number,
  { name, kept, refused }: Attachments[number],
): Promise<GivenFile> {
  if (kept === undefined) return { kind: 'unread', name, why: refused ?? 'gone' };
  const { id, mimetype, bytes } = kept;
  if (mimetype === 'application/pdf') return { kind: 'closed', name, mimetype, bytes };
  const sealed = await deps.redis.get(deps.keys.media(partition, id));
  const content = sealed === null ? undefined : contentOf(deps, sealed, id);
  if (content === undefined) return { kind: 'unread', name, why: 'gone' };
  return content.kind === 'text'
    ? { kind: 'text', name, mimetype, text: content.text, isCut: content.isCut }
    : { kind: 'image', name, mimetype, base64: content.base64 };
}

/** Undefined for what does not open, is no file, or is that of another place: its message is answered all the same. */
function contentOf({ openBody, log }: MediaDeps, sealed: string, id: string) {
  try {
    const file = keptFile.parse(JSON.parse(openBody(sealed)));
    if (file.id === id) return file.content;
    log.error({ id, found: file.id }, 'a kept file lies in the place of another one, and is not used');
  } catch (error) {
    log.error({ err: error, id }, 'a kept file cannot be read, and is not used');
  }
  return undefined;
}

/** Deletes bytes with the commit of the turn that has used them. */
export function forgetFiles(
  { keys }: Pick<MediaDeps, 'keys'>,
  partition: number,
  attachments: Attachments,
): RedisWrite[] {
  return attachments.flatMap(({ kept }) =>
    kept === undefined ? [] : [{ command: 'DEL' as const, key: keys.media(partition, kept.id), args: [] }],
  );
}

/** Those of the message whose turn ends, however it ends, unless the next turn answers it. */
export function forgetOwnFiles(
  deps: Pick<MediaDeps, 'keys'>,
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
  { outcome }: Pick<Commit, 'outcome'>,
): RedisWrite[] {
  if (entry.type !== 'message.received' || outcome === 'interrupted') return [];
  return forgetFiles(deps, partition, entry.body.attachments);
}
