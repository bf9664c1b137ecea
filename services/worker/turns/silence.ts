import type { EntryOf } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { parseSessionId } from '#contract/session-id';
import type { Switches } from '#operations/switches/switch';
import type { Commit, Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';
import { outputsOf } from './outputs.ts';

export interface SilenceDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly switches: Pick<Switches, 'off'>;
}

type Message = EntryOf<'message.received'>;

const hourMs = 60 * 60 * 1000;
const offText = 'I am switched off here at the moment, so I cannot answer. Please try again later.';
const busyText = {
  user: 'I am busy: you have sent more messages than I can answer in a minute. Please wait a little, then write again.',
  room: 'I am busy: there are more messages in this room than I can answer. Please wait a little, then write again.',
} as const;
/** Where a message of an encrypted room could not be read; the reason is for the record, not for people. */
const undecryptableText =
  'I could not decrypt your message, so I have not read it. Please send it again. If that does not help, your app may keep its keys from me: allow it to send to unverified devices, or verify mine.';

/**
 * The end of a message that is not to be answered, because its room is switched off, because it was over a limit, or
 * because it could not be decrypted: neither a model nor a flow sees it, and it is kept with its outcome. Undefined for every other message.
 */
export async function silence(
  deps: SilenceDeps,
  delivery: Delivery,
  entry: Message,
): Promise<Commit | undefined> {
  const { limited, undecryptable } = entry.body;
  if (limited !== undefined) {
    return endOf(entry, 'limited', limited.tell ? busyText[limited.scope] : undefined);
  }
  if (undecryptable !== undefined) {
    return endOf(entry, 'undecryptable', undecryptable.tell ? undecryptableText : undefined);
  }
  const room = parseSessionId(entry.session)?.room ?? '';
  if (deps.switches.off('room', room) === undefined) return undefined;
  const told = deps.keys.told(delivery.partition, entry.session);
  if ((await deps.redis.exists(told)) === 1) return endOf(entry, 'switched_off', undefined);
  const note = { command: 'SET', key: told, args: [entry.id, 'PX', String(hourMs)] } as const;
  return { ...endOf(entry, 'switched_off', offText), writes: [note] };
}

/** Whoever waits for an answer learns that the turn is over, with or without words. */
function endOf(
  entry: Message,
  outcome: 'limited' | 'switched_off' | 'undecryptable',
  text: string | undefined,
): Commit {
  const output = outputsOf(entry);
  const { eventId: replyTo } = entry.body;
  const end: Output =
    text === undefined
      ? output('turn.status', 'silent', { state: 'idle', replyTo, text: '', approval: null })
      : output('reply.finished', 'reply', { reply: entry.id, text, replyTo, revision: 0 });
  return { outputs: [end], outcome };
}
