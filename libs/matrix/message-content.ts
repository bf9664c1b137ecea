import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';
import { stripReplyFallback } from './strip-reply-fallback.ts';

export interface Attachment {
  readonly name: string;
  readonly mimetype: string | null;
  readonly size: number | null;
  readonly url: string;
  /** Of an encrypted file: what opens it, as its sender wrote it. Holds a key: it must not be stored. */
  readonly file?: Readonly<Record<string, unknown>>;
}

export interface MessageFields {
  readonly msgtype: string;
  /** The body without the quote of a reply; of media its caption, empty where there is none. */
  readonly text: string;
  /** Root of the thread that it stands in. */
  readonly thread: string | null;
  readonly replyTo: string | null;
  /** False where `replyTo` is only there for clients that know no threads. */
  readonly isRealReply: boolean;
  /** Whom the sender says to mention. */
  readonly mentions: readonly string[];
  readonly attachments: readonly Attachment[];
  /** Whether some vagent sent it, whatever it says about it. */
  readonly isByVagent: boolean;
}

const relation = z.object({
  rel_type: z.string().optional(),
  event_id: z.string().optional(),
  is_falling_back: z.boolean().catch(false).optional(),
  'm.in_reply_to': z.object({ event_id: eventId }).optional().catch(undefined),
});

const content = z.object({
  msgtype: z.string().min(1),
  body: z.string(),
  'm.relates_to': relation.optional().catch(undefined),
  'm.mentions': z
    .object({ user_ids: z.array(z.string()).catch([]) })
    .optional()
    .catch(undefined),
});

const mxcUrl = z.string({ error: 'no url' }).regex(/^mxc:\/\/[^/]+\/[^/]+$/, 'not an mxc URL');

const clear = z.object({ url: mxcUrl });
const encrypted = z
  .object({ file: z.looseObject({ url: mxcUrl }) })
  .transform(({ file }) => ({ url: file.url, file }));

const media = z.object({
  filename: z.string().min(1).optional().catch(undefined),
  info: z
    .object({
      mimetype: z.string().optional().catch(undefined),
      size: z.int().nonnegative().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const mediaTypes = new Set(['m.image', 'm.file', 'm.audio', 'm.video']);

export type ReadMessage =
  | { readonly ok: true; readonly fields: MessageFields }
  | { readonly ok: false; readonly reason: string };

/** Reads the content of an `m.room.message` that is no edit; `formatted_body` is never looked at. */
export function readMessage(raw: Readonly<Record<string, unknown>>): ReadMessage {
  const parsed = content.safeParse(raw);
  if (!parsed.success) return refuse(parsed.error);
  const { msgtype, body, 'm.relates_to': related, 'm.mentions': mentions } = parsed.data;
  const threadRoot = related?.rel_type === 'm.thread' ? eventId.safeParse(related.event_id) : undefined;
  if (threadRoot?.success === false) return refuse(threadRoot.error);
  const replyTo = related?.['m.in_reply_to']?.event_id ?? null;
  const fields = {
    msgtype,
    thread: threadRoot?.data ?? null,
    replyTo,
    isRealReply: replyTo !== null && related?.is_falling_back !== true,
    mentions: mentions?.user_ids ?? [],
    isByVagent: Object.hasOwn(raw, 'dev.vagent'),
  };
  const text = replyTo === null ? body : stripReplyFallback(body);
  if (!mediaTypes.has(msgtype)) return { ok: true, fields: { ...fields, text, attachments: [] } };
  // Where the bytes are: `url`, or `file` of what is encrypted.
  const place = raw['file'] === undefined ? clear.safeParse(raw) : encrypted.safeParse(raw);
  if (!place.success) return refuse(place.error);
  const { filename, info } = media.parse(raw);
  const attachment = {
    name: filename ?? body,
    mimetype: info?.mimetype ?? null,
    size: info?.size ?? null,
    ...place.data,
  };
  // "If present and different from body, body is a caption" (client-server API, "Media captions").
  const caption = filename === undefined || filename === body ? '' : text;
  return { ok: true, fields: { ...fields, text: caption, attachments: [attachment] } };
}

function refuse(error: z.ZodError): ReadMessage {
  const [issue] = error.issues;
  return { ok: false, reason: `content.${issue?.path.join('.')}: ${issue?.message}` };
}
