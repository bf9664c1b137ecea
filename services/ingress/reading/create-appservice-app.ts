import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { HasUser } from './create-has-user.ts';
import { isTokenRight } from './is-token-right.ts';

export interface AppserviceAppDeps {
  readonly hsToken: string;
  /** Resolves once all of the transaction is stored. */
  readonly takeTransaction: (events: readonly unknown[]) => Promise<void>;
  readonly hasUser: HasUser;
  readonly log: Logger;
  readonly maxBodyBytes?: number;
}

/** 100 events of 64 KiB each, and as much again; a homeserver sends no more at once. */
const defaultMaxBodyBytes = 16 * 1024 * 1024;

/**
 * What the homeserver talks to (application service API, r0 and v1 paths). The token is checked before the body is
 * read, the length of the body before it is parsed; 200 says that every event of the transaction is stored.
 */
export function createAppserviceApp(deps: AppserviceAppDeps): FastifyInstance {
  const app = fastify({
    bodyLimit: deps.maxBodyBytes ?? defaultMaxBodyBytes,
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: 'idle',
  });
  app.removeAllContentTypeParsers();
  // Content types and prototype names are no ground to refuse: a refused transaction comes again for ever.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(Object.assign(new Error('The body is not JSON'), { statusCode: 400 }));
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    const query = asRecord(request.query)['access_token'];
    if (isTokenRight({ authorization: request.headers.authorization, query }, deps.hsToken)) return undefined;
    deps.log.warn({ ip: request.ip, method: request.method }, 'Refused a request without the right hs_token');
    return reply.code(403).send(refusal('M_FORBIDDEN', 'Wrong or missing hs_token'));
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(refusal('M_UNRECOGNIZED', 'Unknown route')),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status === 413) return reply.code(413).send(refusal('M_TOO_LARGE', 'The body is too large'));
    if (status < 500) return reply.code(400).send(refusal('M_NOT_JSON', 'The body is not JSON'));
    deps.log.error({ err: error, route: request.routeOptions.url }, 'Could not answer the homeserver');
    return reply.code(503).send(refusal('M_UNKNOWN', 'It could not be stored or looked up, send it again'));
  });
  addRoutes(app, deps);
  return app;
}

function addRoutes(app: FastifyInstance, { takeTransaction, hasUser }: AppserviceAppDeps): void {
  for (const prefix of ['/_matrix/app/v1', '']) {
    app.put(`${prefix}/transactions/:txnId`, async (request, reply) => {
      // What else may be in it (ephemeral, to_device, device lists) is not for rooms, and is left out.
      const { events } = asRecord(request.body);
      if (!Array.isArray(events))
        return reply.code(400).send(refusal('M_BAD_JSON', 'events is not an array'));
      await takeTransaction(events);
      return reply.send({});
    });
    app.get<{ Params: { userId: string } }>(`${prefix}/users/:userId`, async (request, reply) => {
      if (await hasUser(request.params.userId)) return reply.send({});
      return reply.code(404).send(refusal('M_NOT_FOUND', 'No user of ours'));
    });
    app.get(`${prefix}/rooms/:alias`, (_request, reply) =>
      reply.code(404).send(refusal('M_NOT_FOUND', 'No room of ours')),
    );
  }
  app.post('/_matrix/app/v1/ping', async () => ({}));
}

function refusal(errcode: string, error: string): { errcode: string; error: string } {
  return { errcode, error };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
