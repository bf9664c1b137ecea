import type { FastifyInstance } from 'fastify';
import type { LimitScope } from '#operations/limits/rate-limit';
import { createRestorer } from '../live/create-restorer.ts';
import { defaultLiveLimits, type LiveLimits } from '../live/live-limits.ts';
import { createPacer } from '../live/pacer.ts';
import { createPlaces } from '../live/places.ts';
import type { RouteDeps } from '../route-deps.ts';
import { createTalkLimits } from './create-talk-limits.ts';
import { feedbackRoute } from './feedback-route.ts';
import { messageRoute } from './message-route.ts';

export interface TalkLimits {
  /** The same buckets as those of messages from rooms: `limitSettings` of libs/operations/limits. */
  readonly perMinute: Readonly<Record<LimitScope, number>>;
  readonly live: LiveLimits;
}

const defaultLimits: TalkLimits = { perMinute: { user: 30, room: 300 }, live: defaultLiveLimits };

/** A conversation over HTTP: a message in, its answer as server-sent events; and whether it helped. */
export function talkRoutes(app: FastifyInstance, deps: RouteDeps, limits: TalkLimits = defaultLimits): void {
  const shared = {
    ...deps,
    limits: createTalkLimits({ ...deps.transport, perMinute: limits.perMinute }),
    places: createPlaces(limits.live),
    pacer: createPacer(limits.live),
    restorer: createRestorer(deps.vault, deps.log),
  };
  messageRoute(app, shared);
  feedbackRoute(app, shared);
}
