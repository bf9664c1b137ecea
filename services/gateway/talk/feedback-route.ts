import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequestError } from '#operations/errors';
import { newTrace } from '#runtime/trace';
import { submitFeedback } from '../api/conversation.ts';
import type { RouteDeps } from '../route-deps.ts';
import { type AdmitDeps, sessionOf } from './admit-message.ts';
import { countMessage } from './count-message.ts';

/** `POST /api/v1/submit_feedback`: whether the caller was helped. The conversation takes it in as its next turn. */
export function feedbackRoute(
  server: FastifyInstance,
  deps: AdmitDeps & Pick<RouteDeps, 'authentication'>,
): void {
  const { transport, privacy, vault, limits } = deps;
  const schema = { body: submitFeedback, response: { 202: z.object({ feedback: z.string() }) } };
  const options = { preValidation: deps.authentication.guard('user'), schema };
  server
    .withTypeProvider<ZodTypeProvider>()
    .post('/api/v1/submit_feedback', options, async ({ caller, body }, reply) => {
      const session = sessionOf(caller, body.conversation);
      await countMessage(limits, { user: caller.user, room: session }, reply);
      const comment = privacy.protect(body.comment, session);
      if (!comment.ok) {
        throw new BadRequestError(`Nothing was kept: the comment contains ${comment.kinds.join(', ')}`);
      }
      await vault.save(session, comment.items);
      const id = `$api-feedback-${randomUUID()}`;
      await transport.publisher.publish('inbound', {
        type: 'feedback.given',
        id,
        session,
        at: new Date().toISOString(),
        trace: newTrace(),
        body: { sender: caller.user, solved: body.solved, comment: comment.text, about: body.turn },
      });
      return reply.code(202).send({ feedback: id });
    });
}
