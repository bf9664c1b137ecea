import type { FastifyInstance } from 'fastify';
import type { RouteDeps } from '../route-deps.ts';

/** What happens in conversations, live: server-sent events for one session, WebSockets for one or all. */
export function liveRoutes(_app: FastifyInstance, _deps: RouteDeps): void {}
