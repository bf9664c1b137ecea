import { isApiSession } from '#contract/api-session';
import { streamTypes } from '#contract/bodies';
import { failpoint } from '#runtime/failpoint';
import type { Commit } from '#streams/commit';
import type { Delivery, Handle } from '#streams/delivery';
import { type AskApprovalDeps, askApproval } from './approvals/ask-approval.ts';
import { type RaiseNoticeDeps, raiseNotice } from './approvals/raise-notice.ts';
import { type RemindApprovalDeps, remindApproval } from './approvals/remind-approval.ts';
import { type ResolveApprovalDeps, resolveApproval } from './approvals/resolve-approval.ts';
import { WrongStreamError } from './errors.ts';
import { type FinishReplyDeps, finishReply } from './replies/finish-reply.ts';
import { type PostDraftDeps, postDraft } from './replies/post-draft.ts';
import { type ShowStatusDeps, showStatus } from './replies/show-status.ts';
import { tellFailure } from './replies/tell-failure.ts';
import { eraseReply, type WithdrawReplyDeps, withdrawReply } from './replies/withdraw-reply.ts';

export type EgressDeps = AskApprovalDeps &
  FinishReplyDeps &
  PostDraftDeps &
  RaiseNoticeDeps &
  RemindApprovalDeps &
  ResolveApprovalDeps &
  ShowStatusDeps &
  WithdrawReplyDeps;

/** The work on one entry of `outbound` or `approvals`: what it shows in a room, by type. */
export function createHandle(deps: EgressDeps): Handle {
  return async (delivery) => {
    const commit = await (isReadFromGateway(delivery)
      ? overHttp(deps, delivery)
      : handleEntry(deps, delivery));
    await failpoint('egress.before-ack');
    return commit;
  };
}

/** Nobody's homeserver knows the room of a conversation over HTTP; its approvals go to the admin room like all others. */
function isReadFromGateway({ entry }: Delivery): boolean {
  return isApiSession(entry.session) && streamTypes.outbound.some((type) => type === entry.type);
}

/** What was said over HTTP stands in the stream alone: it is taken back there. */
async function overHttp({ erase }: EgressDeps, delivery: Delivery): Promise<Commit> {
  const { entry } = delivery;
  const isErased = entry.type === 'reply.withdrawn' && entry.body.reason === 'redacted';
  const writes = isErased ? await eraseReply(erase, delivery, entry.body.reply) : [];
  return { writes, outcome: 'over_http' };
}

function handleEntry(deps: EgressDeps, delivery: Delivery): Promise<Commit> {
  const { entry } = delivery;
  switch (entry.type) {
    case 'reply.drafted':
      return postDraft(deps, delivery, entry);
    case 'reply.finished':
      return finishReply(deps, delivery, entry);
    case 'reply.withdrawn':
      return withdrawReply(deps, delivery, entry);
    case 'turn.status':
      return showStatus(deps, delivery, entry);
    case 'turn.failed':
      return tellFailure(deps, delivery, entry);
    case 'approval.requested':
      return askApproval(deps, delivery, entry);
    case 'approval.reminded':
      return remindApproval(deps, delivery, entry);
    case 'approval.resolved':
      return resolveApproval(deps, delivery, entry);
    case 'notice.raised':
      return raiseNotice(deps, delivery, entry);
    default:
      throw new WrongStreamError(delivery.stream, entry.type);
  }
}
