import { createHash } from 'node:crypto';
import { apiSessionOf } from '#contract/api-session';
import type { EntryOf } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { BadRequestError, ForbiddenError } from '#operations/errors';
import type { RateLimits } from '#operations/limits/rate-limit';
import type { VaultItem } from '#privacy/privacy';
import type { ProcessMessage } from '../api/conversation.ts';
import type { Caller } from '../caller.ts';
import type { RouteDeps } from '../route-deps.ts';
import { countMessage } from './count-message.ts';

export interface AdmitDeps extends Pick<RouteDeps, 'transport' | 'privacy' | 'vault' | 'tracing'> {
  readonly limits: RateLimits;
}

/** A message that is in the stream. */
export interface Admitted {
  readonly session: string;
  readonly turn: string;
  /** Its entry; null where it came before and the ledger says only what became of it. */
  readonly entryId: string | null;
  /** It came just now: it has no outcome yet that could be looked up. */
  readonly isNew: boolean;
}

const entryId = /^\d+-\d+$/;

/**
 * The caller's own conversation of that name.
 *
 * @throws {ForbiddenError} for a caller whose token is for another conversation.
 */
export function sessionOf(caller: Caller, conversation: string): string {
  const session = apiSessionOf(caller.user, conversation);
  if (caller.session === null || caller.session === session) return session;
  throw new ForbiddenError('Your token is for another conversation than this one');
}

/** What the fact of a message is called: the same for the same message, sent as often as you like. */
export function turnOf(caller: Caller, conversation: string, messageId: string): string {
  const cause = JSON.stringify([caller.user, conversation, messageId]);
  return `$api-${createHash('sha256').update(cause).digest('base64url')}`;
}

/**
 * Publishes what somebody wrote, once for each message id, personal data taken out first: nothing that stands in Redis or
 * reaches a model has ever held it.
 *
 * @throws {TooManyRequestsError} over the limit of messages; {BadRequestError} for what may not be written here.
 */
export async function admitMessage(
  deps: AdmitDeps,
  caller: Caller,
  asked: ProcessMessage & { readonly message_id: string; readonly isNew: boolean },
  reply: Parameters<typeof countMessage>[2],
): Promise<Admitted> {
  const { transport, vault, tracing } = deps;
  const session = sessionOf(caller, asked.conversation);
  const turn = turnOf(caller, asked.conversation, asked.message_id);
  // An id that we have just made up is nobody's.
  const known = asked.isNew ? null : await readFate(transport, session, turn);
  if (known !== null) return { session, turn, entryId: entryId.test(known) ? known : null, isNew: false };
  await countMessage(deps.limits, { user: caller.user, room: session }, reply);
  return tracing.span('gateway message', { kind: 'producer' }, async ({ traceparent }) => {
    const { entry, items } = toEntry(deps, caller, asked.message, { session, turn, trace: traceparent });
    // Before the message: what it refers to may be needed as soon as it is in the stream.
    await vault.save(session, items);
    const published = await transport.publisher.publish('inbound', entry);
    const { isNew } = published;
    return { session, turn, entryId: entryId.test(published.entryId) ? published.entryId : null, isNew };
  });
}

/** What the ledger says of a fact: an entry id while it waits, then `done:<outcome>` or `dead`; null of none. */
export function readFate(
  { redis, keys, partitions }: AdmitDeps['transport'] & { readonly keys: Pick<Keys, 'fact'> },
  session: string,
  turn: string,
): Promise<string | null> {
  return redis.get(keys.fact(partitionOf(session, partitions), turn));
}

function toEntry(
  { privacy }: AdmitDeps,
  caller: Caller,
  message: string,
  { session, turn, trace }: { session: string; turn: string; trace: string },
): { entry: EntryOf<'message.received'>; items: readonly VaultItem[] } {
  const guarded = privacy.protect(message, session);
  if (!guarded.ok) {
    const what = guarded.kinds.join(', ');
    throw new BadRequestError(`Nothing of this message was kept, because it contains: ${what}. Leave it out`);
  }
  // A name that was made from an address is no name.
  const named = privacy.protect(caller.name, session);
  const isName = named.ok && named.kinds.length === 0;
  const at = new Date().toISOString();
  const body = {
    eventId: turn,
    sender: caller.user,
    displayName: isName ? caller.name : null,
    text: guarded.text,
    thread: null,
    replyTo: null,
    direct: true,
    attachments: [],
    encrypted: false,
    originTime: at,
  };
  return {
    entry: { type: 'message.received', id: turn, session, at, trace, body },
    items: guarded.items,
  };
}
