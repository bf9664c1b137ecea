import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Body } from '#contract/bodies';
import { newTrace } from '#runtime/trace';
import type { Publisher } from '#streams/publish';
import type { IngressMetrics } from '../ingress-metrics.ts';
import { type FindSessionsDeps, findSessions } from './find-sessions.ts';

export interface CloseSessionsDeps extends FindSessionsDeps {
  readonly publisher: Publisher;
  readonly metrics: Pick<IngressMetrics, 'closed'>;
  readonly log: Logger;
}

export interface Closing extends Body<'session.closed'> {
  /** The room whose sessions end. */
  readonly room: string;
  /** What ended them, e.g. the id of an event: the same cause ends a session once. */
  readonly cause: string;
  /** More sessions that it concerns. */
  readonly others?: ReadonlySet<string>;
}

export type CloseSessions = (closing: Closing) => Promise<void>;

/** Tells every session of a room, in its own lane, that the room is no longer ours to write in, or goes on elsewhere. */
export function createCloseSessions(deps: CloseSessionsDeps): CloseSessions {
  return async ({ room, cause, reason, movedTo, others = new Set() }) => {
    const sessions = new Set([...(await findSessions(deps, room)), ...others]);
    for (const session of sessions) {
      const digest = createHash('sha256')
        .update(JSON.stringify([cause, reason, session]))
        .digest('base64url');
      const { isNew } = await deps.publisher.publish('inbound', {
        type: 'session.closed',
        id: `closed:${digest}`,
        session,
        at: new Date().toISOString(),
        trace: newTrace(),
        body: { reason, movedTo },
      });
      if (isNew) deps.metrics.closed.inc({ reason });
    }
    if (sessions.size > 0)
      deps.log.warn({ room, reason, movedTo, sessions: sessions.size }, 'Sessions closed');
  };
}
