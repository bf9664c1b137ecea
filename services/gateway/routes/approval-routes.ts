import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Approval, approval } from '#contract/approval';
import { decideApproval, isWordToUser } from '#operations/approvals/decide-approval';
import { findApproval, listOpenApprovals } from '#operations/approvals/find-approvals';
import { BadRequestError, ConflictError, ForbiddenError } from '#operations/errors';
import { awaitVerdict, endOfApprovals } from '#operations/gateway/await-verdict';
import { listRecentApprovals } from '#operations/gateway/list-recent-approvals';
import { redisNow } from '#streams/redis-now';
import { approvalList, decisionRequest } from '../api/resources.ts';
import { approvalFor } from '../auth/approval-for.ts';
import { maySee, refuseForeign } from '../auth/may-see.ts';
import type { Caller } from '../caller.ts';
import type { RouteDeps } from '../route-deps.ts';

type ApprovalDeps = Pick<RouteDeps, 'transport' | 'authentication' | 'signal'>;
type DecisionRequest = z.infer<typeof decisionRequest>;

/** A worker that is up judges within milliseconds; one that is not is no reason to leave a reviewer without an answer. */
const verdictMs = 5_000;
const params = z.object({ id: z.string().regex(/^([0-9A-Za-z]{20}|[0-9A-Za-z]{6})$/, 'not an approval') });

/** What waits for a human, what was decided lately, and deciding. */
export function approvalRoutes(server: FastifyInstance, deps: ApprovalDeps): void {
  const { transport, authentication } = deps;
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('user');

  app.get(
    '/api/v1/approvals',
    {
      preValidation,
      schema: {
        querystring: z.strictObject({ status: z.enum(['open', 'recent']).default('open') }),
        response: { 200: approvalList },
      },
    },
    async ({ caller, query: { status } }) => {
      const list = status === 'open' ? listOpenApprovals : listRecentApprovals;
      const [now, found] = await Promise.all([redisNow(transport.redis), list(transport)]);
      const own = found.filter(({ session }) => maySee(caller, session));
      const approvals = own.map((record) => approvalFor(caller, record));
      return { now: new Date(now).toISOString(), approvals };
    },
  );

  app.get(
    '/api/v1/approvals/:id',
    { preValidation, schema: { params, response: { 200: approval } } },
    async ({ caller, params: { id } }) => {
      const record = await findApproval(transport, id);
      refuseForeign(caller, record.session, 'approval');
      return approvalFor(caller, record);
    },
  );

  app.post(
    '/api/v1/approvals/:id/decision',
    {
      preValidation: authentication.guard('reviewer'),
      schema: {
        params,
        body: decisionRequest.strict(),
        // 202: it is in the stream, and no worker has judged it yet.
        response: { 200: approval, 202: approval },
      },
    },
    async ({ caller, params: { id }, body }, reply) => {
      const { approval: record, isJudged } = await decide(deps, caller, id, body);
      return reply.code(isJudged ? 200 : 202).send(record);
    },
  );
}

async function decide(
  { transport, signal }: ApprovalDeps,
  caller: Caller,
  idOrCode: string,
  request: DecisionRequest,
): Promise<{ approval: Approval; isJudged: boolean }> {
  const record = await findApproval(transport, idOrCode);
  const id = factOf(record, caller, request.decision_id);
  // Sent again because an answer was lost: it counted then.
  if (record.decided.some((counted) => counted.id === id)) return { approval: record, isJudged: true };
  refuseStale(record, request);
  const { decision, text, edit } = request;
  const via = caller.via === 'console' ? 'console' : 'api';
  const after = await endOfApprovals(transport, record.session);
  await decideApproval(transport, record, { decision, text, edit, by: caller.user, via, id });
  // The conversation shows it when it is there: nothing about the approval changes.
  if (isWordToUser(record, decision)) return { approval: record, isJudged: false };
  const verdict = await awaitVerdict(
    transport,
    { approval: record, id, after },
    { withinMs: verdictMs, signal },
  );
  switch (verdict.kind) {
    case 'counted':
      return { approval: verdict.approval, isJudged: true };
    case 'on its way':
      return { approval: verdict.approval, isJudged: false };
    case 'refused': {
      const { notice, text: why } = verdict.notice;
      const message = `Nothing was decided by you: ${why}`;
      throw notice === 'refused' ? new ForbiddenError(message) : new ConflictError(message);
    }
    default:
      return verdict satisfies never;
  }
}

/** One fact for each approval, reviewer and id of theirs: nobody can use up another one's. */
function factOf({ id }: Approval, { user }: Caller, decisionId: string): string {
  const who = createHash('sha256').update(user).digest('hex').slice(0, 16);
  return `decision:${id}:${who}:${decisionId}`;
}

/** What was shown must be what would run; and what cannot count is refused before anybody waits. */
function refuseStale(
  { actions, decisions }: Approval,
  { digests, decision, text, edit }: DecisionRequest,
): void {
  const isShown =
    digests.length === actions.length && actions.every(({ digest }, index) => digest === digests[index]);
  if (!isShown) {
    throw new ConflictError(
      'These are not the actions that wait: they have changed since they were shown. Load the approval again',
    );
  }
  if (!decisions.includes(decision))
    throw new BadRequestError(`This approval does not take "${decision}": ${decisions.join(', ')}`);
  if (decision === 'edit' && edit === null)
    throw new BadRequestError('An edit needs the arguments to run with: send them as "edit"');
  if (decision !== 'edit' && edit !== null)
    throw new BadRequestError(`"edit" goes with an edit, not with "${decision}"`);
  if (decision === 'respond' && (text ?? '').trim() === '')
    throw new BadRequestError('An answer needs words: send them as "text"');
}
