import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sessionId } from '#contract/session-id';
import { BadRequestError, ForbiddenError } from '#operations/errors';
import { maySee } from '../auth/may-see.ts';
import type { RouteDeps } from '../route-deps.ts';
import type { Frames } from './create-frames.ts';
import type { Restorer } from './create-restorer.ts';
import { createView } from './create-view.ts';
import { openEventStream } from './event-stream.ts';
import type { LiveLimits } from './live-limits.ts';
import type { Pacer } from './pacer.ts';
import { pastCursor } from './past-cursor.ts';
import type { Places } from './places.ts';
import { startPump } from './pump.ts';
import { takePlace } from './take-place.ts';
import { tendStream } from './tend-stream.ts';

export interface FollowDeps extends Pick<RouteDeps, 'authentication' | 'feed' | 'signal'> {
  readonly places: Places;
  readonly pacer: Pacer;
  readonly frames: Frames;
  readonly restorer: Restorer;
  readonly limits: LiveLimits;
}

/**
 * `GET /api/v1/sessions/:id/events`: what happens in a session as server-sent events, each with a cursor as its id. With
 * `Last-Event-ID` what was missed comes first. It ends when the caller's proof of identity does, with an event `closed`.
 */
export function followRoute(server: FastifyInstance, deps: FollowDeps): void {
  const { authentication, feed, places, pacer, frames, restorer, limits, signal } = deps;
  const schema = {
    params: z.object({ id: sessionId }),
    headers: z.looseObject({ 'last-event-id': z.string().optional() }),
  };
  server.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/sessions/:id/events',
    // Without a route for HEAD: an answer that has no end cannot be asked for its head alone.
    { preValidation: authentication.guard('user'), exposeHeadRoute: false, schema },
    async (request, reply) => {
      const { caller } = request;
      const { id: session } = request.params;
      if (!maySee(caller, session)) throw new ForbiddenError('This conversation is not yours to see');
      const after = request.headers['last-event-id'] || null;
      checkCursor(after);
      const release = takePlace(places, caller);
      const stream = openEventStream(reply);
      const pump = startPump({
        feed,
        session,
        after,
        pacer,
        view: createView(caller, restorer),
        outlet: {
          buffered: stream.buffered,
          event: (event) => stream.write(frames.stream(event)),
          delayed: () => stream.comment('delayed'),
          current: (cursor) => stream.comment('current', cursor),
          tooSlow: () => stream.close('slow_reader'),
        },
      });
      const onOver = () => {
        pump.stop();
        release();
      };
      const { heartbeatMs } = limits;
      tendStream(stream, { authentication, signal, caller, heartbeatMs, cursor: pump.cursor, onOver });
      return reply;
    },
  );
}

function checkCursor(after: string | null): void {
  try {
    if (after !== null) pastCursor(after);
  } catch (error) {
    if (error instanceof RangeError) throw new BadRequestError(`Last-Event-ID: ${error.message}`);
    throw error;
  }
}
