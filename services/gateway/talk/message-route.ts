import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequestError } from '#operations/errors';
import { type ProcessMessage, processMessage } from '../api/conversation.ts';
import { UnavailableError } from '../errors.ts';
import type { Restorer } from '../live/create-restorer.ts';
import { createView } from '../live/create-view.ts';
import { openEventStream } from '../live/event-stream.ts';
import type { Pacer } from '../live/pacer.ts';
import { pastCursor } from '../live/past-cursor.ts';
import type { Places } from '../live/places.ts';
import { takePlace } from '../live/take-place.ts';
import { tendStream } from '../live/tend-stream.ts';
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

interface Asked extends Pick<FastifyRequest, 'caller'> {
  readonly body: ProcessMessage;
  readonly headers: IncomingHttpHeaders & { readonly 'last-event-id'?: string | undefined };
}

/** Redis has taken the message by then, or the caller is told to try again. */
const patienceMs = 5_000;
const heartbeatMs = 15_000;

/**
 * `POST /api/v1/process_message`: a message of one's own conversation, and its answer as server-sent events. Sent again under
 * the same `message_id` it is answered once; with `Last-Event-ID` the answer goes on where it was cut off.
 */
export function messageRoute(server: FastifyInstance, deps: MessageDeps): void {
  const messages = deps.metrics.counter('gateway_messages_total', {
    help: 'Messages over HTTP, by whether they were taken, were known, or were refused.',
    labels: ['outcome'],
  });
  const schema = {
    body: processMessage,
    headers: z.looseObject({ 'last-event-id': z.string().optional() }),
  };
  const options = { preValidation: deps.authentication.guard('user'), schema };
  server
    .withTypeProvider<ZodTypeProvider>()
    .post('/api/v1/process_message', options, async (request, reply) => {
      const { caller, body, headers } = request;
      try {
        const isNew = await answer(deps, { caller, body, headers }, reply);
        messages.inc({ outcome: isNew ? 'taken' : 'known' });
        return reply;
      } catch (error) {
        messages.inc({ outcome: 'refused' });
        throw error;
      }
    });
}

/** Begins the answer, which goes on by itself from there. Returns false for a message that came before. */
async function answer(
  deps: MessageDeps,
  { caller, body, headers }: Asked,
  reply: FastifyReply,
): Promise<boolean> {
  const { transport, places, restorer, log } = deps;
  const talker = { ...caller, user: talkerOf(caller, headers) };
  const after = headers['last-event-id'] || undefined;
  checkResume(after, body.message_id);
  const isNew = body.message_id === undefined;
  const message = { ...body, message_id: body.message_id ?? randomUUID(), isNew };
  const admit = async () => {
    const admitted = await admitMessage(deps, talker, message, reply);
    return { ...admitted, after: after ?? (await whereFrom(transport, admitted)) };
  };
  const release = takePlace(places, talker);
  try {
    const admitted = await within(patienceMs, admit());
    reply.header('x-message-id', message.message_id).header('x-vagent-session', admitted.session);
    const stream = openEventStream(reply);
    tendStream(stream, { ...deps, caller, heartbeatMs, cursor: () => undefined, onOver: release });
    followTurn(deps, { ...admitted, view: createView(talker, restorer) }, stream).catch((error: unknown) =>
      log.error({ err: error }, 'A turn could not be followed'),
    );
    return admitted.isNew;
  } catch (error) {
    release();
    throw error;
  }
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
