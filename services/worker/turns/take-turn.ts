import { NewerGraphError, NewerGraphMissingError } from '#agents/errors';
import type { Entry } from '#contract/entry';
import { failpoint } from '#runtime/failpoint';
import type { Commit, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { redisNow } from '#streams/redis-now';
import { WrongStreamError } from '../errors.ts';
import { forgetOwnFiles } from './media.ts';
import { recordTurn, type TurnResult } from './record-turn.ts';
import { resetSession } from './reset-session.ts';
import { silence } from './silence.ts';
import { takeCheckTurn } from './take-check-turn.ts';
import { takeClosedTurn } from './take-closed-turn.ts';
import { takeDecisionTurn } from './take-decision-turn.ts';
import { takeEditRedactionTurn } from './take-edit-redaction-turn.ts';
import { takeEditTurn } from './take-edit-turn.ts';
import { takeExpiryTurn } from './take-expiry-turn.ts';
import { takeFeedbackTurn } from './take-feedback-turn.ts';
import { takeMessageTurn } from './take-message-turn.ts';
import { takeRedactionTurn } from './take-redaction-turn.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

const longestWaitMs = 60 * 60 * 1_000;

/** The handling of one inbound entry: everything that it leaves behind, for one commit. */
export async function takeTurn(deps: TurnDeps, delivery: Delivery): Promise<Commit> {
  const savers = deps.saversFor(delivery.partition);
  await failpoint('worker.before-turn');
  try {
    const { course, ...commit } = await dispatch(deps, delivery, delivery.entry, savers);
    await failpoint('worker.before-commit');
    const ends = [...recordOf(deps, delivery, commit, course), ...forgetOwnFiles(deps, delivery, commit)];
    const writes = [...(commit.writes ?? []), ...ends];
    return { ...commit, writes, onEnd: (isWritten) => settle(deps, savers, isWritten) };
  } catch (error) {
    settle(deps, savers, false);
    throw error instanceof NewerGraphError ? await orMissing(error, deps, delivery) : error;
  }
}

/** Like an entry of a version that nobody knows: left for a newer worker, for a while. */
async function orMissing(
  error: NewerGraphError,
  { redis }: Pick<TurnDeps, 'redis'>,
  { appendedAt }: Delivery,
): Promise<NewerGraphError | NewerGraphMissingError> {
  const waitedMs = (await redisNow(redis)) - appendedAt;
  return waitedMs > longestWaitMs ? new NewerGraphMissingError(error) : error;
}

/**
 * An edit that says nothing, and a redaction, have no story. Nor has what was over a limit: a flood would push out the
 * stories of what came before it.
 */
function recordOf(
  deps: TurnDeps,
  delivery: Delivery,
  { outcome = 'no_reply' }: Commit,
  course: TurnResult['course'],
): readonly RedisWrite[] {
  const { type } = delivery.entry;
  const isSilentEdit = type === 'message.edited' && outcome !== 'too_late';
  const isRedaction = type === 'message.redacted' || type === 'edit.redacted';
  if (isSilentEdit || isRedaction || outcome === 'limited') return [];
  return recordTurn(deps, delivery, { ...course, outcome });
}

function settle({ log }: TurnDeps, savers: TurnSavers, isWritten: boolean): void {
  if (!isWritten) {
    savers.discarded();
    return;
  }
  savers.committed().catch((error: unknown) => log.warn({ err: error }, 'old checkpoints are pruned later'));
  void failpoint('worker.after-commit');
}

async function dispatch(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Entry,
  savers: TurnSavers,
): Promise<TurnResult> {
  switch (entry.type) {
    case 'message.received':
      return (await silence(deps, delivery, entry)) ?? takeMessageTurn(deps, delivery, entry, savers);
    case 'approval.decided':
      return takeDecisionTurn(deps, delivery, entry, savers);
    case 'approval.expired':
      return takeExpiryTurn(deps, delivery, entry, savers);
    case 'session.reset':
      return resetSession(deps, delivery, savers);
    case 'session.closed':
      return takeClosedTurn(deps, delivery, entry, savers);
    case 'timer.fired':
      return takeCheckTurn(deps, delivery, entry, savers);
    case 'feedback.given':
      return takeFeedbackTurn(deps, delivery, entry, savers);
    case 'message.edited':
      return takeEditTurn(deps, delivery, entry);
    case 'edit.redacted':
      return takeEditRedactionTurn(deps, delivery, entry, savers);
    case 'message.redacted':
      return takeRedactionTurn(deps, delivery, entry, savers);
    default:
      throw new WrongStreamError(entry.type);
  }
}
