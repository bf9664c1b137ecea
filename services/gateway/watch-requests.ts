import type { FastifyInstance } from 'fastify';
import type { Metrics } from '#runtime/create-metrics';

/** Counts and times what is answered, by route: never by path, which may name a person. */
export function watchRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('gateway_request_seconds', {
    help: 'Time from a request to its whole answer, streams among it, by route and class of status',
    labels: ['method', 'route', 'status'],
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    seconds.observe({ method, route: routeOptions.url ?? 'none', status }, reply.elapsedTime / 1_000);
    request.log.debug({ method, route: routeOptions.url, status: reply.statusCode }, 'Answered');
  });
}
