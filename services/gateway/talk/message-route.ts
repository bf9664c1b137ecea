import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequestError } from '#operations/errors';
import { processMessage } from '../api/conversation.ts';
import { UnavailableError } from '../errors.ts';
import type { Restorer } from '../live/create-restorer.ts';
import { createView } from '../live/create-view.ts';
import { openEventStream } from '../live/event-stream.ts';
import type { Pacer } from '../live/pacer.ts';
import { pastCursor } from '../live/past-cursor.ts';
import type { Places } from '../live/places.ts';
import { takePlace } from '../live/take-place.ts';
import type { RouteDeps } from '../route-deps.ts';
import { type AdmitDeps, admitMessage } from './admit-message.ts';
import { followTurn } from './follow-turn.ts';
import { talkerOf } from './talker-of.ts';
import { whereFrom } from './where-from.ts';

export interface MessageDeps
  extends AdmitDeps,
    Pick<RouteDeps, 'authentication' | 'feed' | 'log' | 'signal' | 'metrics'> {
  readonly places: Places;
  readonly pacer: Pacer;
  readonly restorer: Restorer;
}

/** Redis has taken the message by then, or the caller is told to try again. */
const patienceMs = 5_000;
const heartbeatMs = 15_000;

/**
 * `POST /api/v1/process_message`: a message of one's own conversation, and its answer as server-sent events. Sent again under
 * the same `message_id` it is answered once; with `Last-Event-ID` the answer goes on where it was cut off.
 */
export function messageRoute(server: FastifyInstance, deps: MessageDeps): void {
  const { transport, authentication, places, restorer, log, signal } = deps;
  const messages = deps.metrics.counter('gateway_messages_total', {
    help: 'Messages over HTTP, by whether they were taken, were known, or were refused.',
    labels: ['outcome'],
  });
  const schema = {
    body: processMessage,
    headers: z.looseObject({ 'last-event-id': z.string().optional() }),
  };
  const options = { preValidation: authentication.guard('user'), schema };
  server
    .withTypeProvider<ZodTypeProvider>()
    .post('/api/v1/process_message', options, async (request, reply) => {
      const { body } = request;
      const caller = { ...request.caller, user: talkerOf(request.caller, request.headers) };
      const after = request.headers['last-event-id'] || undefined;
      checkResume(after, body.message_id);
      const isNew = body.message_id === undefined;
      const message = { ...body, message_id: body.message_id ?? randomUUID(), isNew };
      const release = takePlace(places, caller);
      try {
        const admitted = await within(patienceMs, admitMessage(deps, caller, message, reply));
        const from = after ?? (await within(patienceMs, whereFrom(transport, admitted)));
        messages.inc({ outcome: 'taken' });
        reply.header('x-message-id', message.message_id).header('x-vagent-session', admitted.session);
        const stream = openEventStream(reply);
        const stop = () => stream.end();
        const expiry = setTimeout(stop, Math.min(caller.expiresAt - Date.now(), 2 ** 31 - 1));
        const beat = setInterval(() => stream.comment('heartbeat'), heartbeatMs);
        const forget = authentication.whenRevoked(request.caller, stop);
        signal.addEventListener('abort', stop, { once: true });
        const view = createView(caller, restorer);
        followTurn(deps, { ...admitted, after: from, view }, stream)
          .catch((error: unknown) => log.error({ err: error }, 'A turn could not be followed'))
          .finally(() => {
            forget();
            clearTimeout(expiry);
            clearInterval(beat);
            signal.removeEventListener('abort', stop);
            release();
          });
        return reply;
      } catch (error) {
        release();
        messages.inc({ outcome: 'refused' });
        throw error;
      }
    });
}

function checkResume(after: string | undefined, messageId: string | undefined): void {
  if (after === undefined) return;
  if (messageId === undefined) {
    throw new BadRequestError('Last-Event-ID goes on with a message: send its message_id too');
  }
  try {
    pastCursor(after);
  } catch (error) {
    if (error instanceof RangeError) throw new BadRequestError(`Last-Event-ID: ${error.message}`);
    throw error;
  }
}

/** What was begun may still be done: the same message id finds it. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const away = new UnavailableError(
    'Redis does not answer at the moment: send it again with the same message_id',
  );
  const timer = setTimeout(() => reject(away), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
