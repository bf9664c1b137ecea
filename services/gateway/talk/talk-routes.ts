import type { FastifyInstance } from 'fastify';
import type { RouteDeps } from '../route-deps.ts';

/** A conversation over HTTP: a message in, its answer as server-sent events; and whether it helped. */
export function talkRoutes(_app: FastifyInstance, _deps: RouteDeps): void {}
