import { formatSessionId } from '#contract/session-id';
import type { DecodedEvent } from '#matrix/room-event';
import { newTrace } from '#runtime/trace';
import { type IsMeantDeps, isDirect, isMeant } from '../admission/is-meant.ts';
import type { RoomPolicy } from '../admission/room-policy.ts';
import { ignore, type Verdict } from '../admission/verdict.ts';
import type { RoomViews } from '../rooms/room-views.ts';
import type { UndecryptableMemory } from './undecryptable-memory.ts';

export interface AdmitUndecryptableDeps extends IsMeantDeps {
  readonly policy: RoomPolicy;
  readonly views: Pick<RoomViews, 'view'>;
  readonly undecryptable: UndecryptableMemory;
}

type Undecryptable = Extract<DecodedEvent, { kind: 'undecryptable' }>;

const toReviewer =
  'Your message could not be decrypted, and nothing was decided by it. Please send it again; if that does not help, decide in the console or by "vagent approvals".';

/**
 * A message that nobody can read: its sender is told where it may have been meant for the bot, as far as that can be
 * seen from outside. Mentions are inside: in a room of many, what answers nothing of the bot's is no business of its.
 */
export async function admitUndecryptable(
  deps: AdmitUndecryptableDeps,
  event: Undecryptable,
  line: readonly string[],
): Promise<Verdict> {
  const { undecryptable, policy } = deps;
  const { sender, eventId, thread, edits, reason, at: originTime } = event;
  // What it would have changed stays as it is.
  if (edits !== null) return ignore('undecryptable');
  const session = formatSessionId({ room: line.at(-1) ?? event.room, thread, user: sender });
  if (line.includes(policy.adminRoom)) {
    const isTold = policy.reviewers.includes(sender) && (await undecryptable.isToBeTold(session, eventId));
    return isTold ? { act: 'answer', text: toReviewer } : ignore('undecryptable');
  }
  const view = await deps.views.view(event.room);
  const isOurs =
    (await isMeant(deps, event, { view, line })) ||
    (thread !== null && (await undecryptable.hasTalked(session)));
  if (!isOurs) return ignore('undecryptable');
  const tell = await undecryptable.isToBeTold(session, eventId);
  const entry = { type: 'message.received', id: eventId, session, at: new Date().toISOString() } as const;
  const body = {
    eventId,
    sender,
    displayName: view.members.get(sender)?.displayName ?? null,
    text: '',
    thread,
    replyTo: event.replyTo,
    direct: isDirect(deps, view),
    attachments: [],
    encrypted: true,
    originTime,
    undecryptable: { reason, tell },
  };
  return { act: 'publish', entry: { ...entry, trace: newTrace(), body } };
}
