import type { MatrixRequestError } from '#matrix/errors';
import type { Delivery } from '#streams/delivery';
import { SendLaterError, SendRefusedError } from '../errors.ts';
import type { ExplainForbidden } from './explain-forbidden.ts';
import type { SendPauses } from './send-pauses.ts';

export interface SendErrorDeps {
  readonly pauses: SendPauses;
  readonly redisNow: () => Promise<number>;
  /** The homeserver does not know our token any more: nothing can be sent until the operator has acted. */
  readonly onTokenRefused: (error: MatrixRequestError) => void;
  /** Why a room forbids it, where that can be found out. */
  readonly explainForbidden?: ExplainForbidden;
}

/** Until an entry is this old, an unreachable homeserver burns none of its attempts. */
const patienceMs = 24 * 60 * 60_000;

/** What the homeserver's refusal of an event means for its entry; an error that is returned as it is burns an attempt. */
export async function toSendError(
  deps: SendErrorDeps,
  delivery: Delivery,
  room: string,
  error: MatrixRequestError,
): Promise<Error> {
  const { status, errcode } = error;
  if (status === 429) {
    const retryAfterMs = deps.pauses.refused(room, error.retryAfterMs);
    const about = { retryAfterMs, why: 'the homeserver limits our rate (429)', mayHaveArrived: false };
    return new SendLaterError(room, about, { cause: error });
  }
  if (errcode === 'M_UNKNOWN_TOKEN' || status === 401) deps.onTokenRefused(error);
  if (!error.retryable) {
    const explained =
      status === 403 ? await deps.explainForbidden?.({ room, entry: delivery.entry }, error) : undefined;
    return new SendRefusedError(room, explained ?? refusal(room, error), { cause: error });
  }
  // 500 may be this very event's fault; the rest says that the homeserver or the way to it is down.
  const isDown = status !== 500 && (await deps.redisNow()) - delivery.appendedAt < patienceMs;
  if (!isDown) return error;
  const retryAfterMs = deps.pauses.refused(room, error.retryAfterMs);
  const about = { retryAfterMs, why: 'the homeserver gives no answer', mayHaveArrived: true };
  return new SendLaterError(room, about, { cause: error });
}

function refusal(room: string, { status, errcode, message }: MatrixRequestError): string {
  const answer = `${status ?? 'no answer'} ${errcode ?? ''}`.trim();
  if (status === 401) {
    return `The homeserver does not take our access token (${answer}): renew MATRIX_ACCESS_TOKEN or the password, restart egress, then replay the dead letters`;
  }
  if (status === 403) {
    return `The bot may not send into room ${room} (${answer}): was it kicked or banned, or is its power level too low? Invite it again, then replay the dead letter`;
  }
  if (status === 404) return `Room ${room} is gone or unknown to the homeserver (${answer})`;
  if (status === 413) {
    return `The homeserver finds the event for room ${room} too large (${answer}): raise its limit for events, then replay the dead letter`;
  }
  return `The homeserver refuses the event for room ${room} (${answer}): ${message}`;
}
