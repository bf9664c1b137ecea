import type { FastifyInstance } from 'fastify';
import type { Sample } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';

/** What the last hour looked like, oldest first. */
export interface Samples {
  list(): readonly Sample[];
}

/** Takes a sample of the whole system every five seconds until `signal` is aborted, and keeps an hour of them. */
export function takeSamples(_deps: Pick<RouteDeps, 'transport' | 'feed' | 'log' | 'signal'>): Samples {
  return { list: () => [] };
}

/** `GET /api/v1/overview`, for viewers: one look at the whole system, and its last hour. */
export function overviewRoute(
  _app: FastifyInstance,
  _deps: RouteDeps & { readonly samples: Samples },
): void {}
