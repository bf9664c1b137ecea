import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { authenticate, claimedUser } from '../accounts/requester.ts';
import type { Context } from '../context.ts';
import { MatrixError } from '../errors.ts';
import type { LoggedRequest } from './request-log.ts';
import { BinaryReply, type MatrixRequest, type Reply, type Route } from './route.ts';

const unrecognised = new MatrixError(404, 'M_UNRECOGNIZED', 'Unrecognized request');
const wrongMethod = new MatrixError(405, 'M_UNRECOGNIZED', 'Unrecognized request');
const page = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, Date',
};

/** The HTTP server with all routes; `stopping` ends its long polls. Does not listen yet. */
export function buildServer(
  context: Context,
  routes: readonly Route[],
  stopping: AbortSignal,
): FastifyInstance {
  const app = fastify({
    bodyLimit: context.config.maxBodyBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 4096 },
  });
  // Matrix servers read the body as JSON whatever its content type says; the handlers parse it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(cors);
  });
  app.setErrorHandler((error, _request, reply) => sendError(context, reply, error));
  app.setNotFoundHandler((request, reply) =>
    request.method === 'OPTIONS' ? reply.code(200).send({}) : sendError(context, reply, unrecognised),
  );
  mount(app, context, routes, stopping);
  return app;
}

function mount(
  app: FastifyInstance,
  context: Context,
  routes: readonly Route[],
  stopping: AbortSignal,
): void {
  const methodsOf = new Map<string, Set<string>>();
  for (const route of routes) {
    for (const url of route.paths) {
      app.route({
        method: route.method,
        url,
        // One more: the handler says itself that a file is too large.
        ...(route.takesFile === true ? { bodyLimit: context.config.maxUploadBytes + 1 } : {}),
        handler: (request, reply) => answer(context, route, request, reply, stopping),
      });
      const shape = url.replace(/:\w+/g, ':');
      const methods = methodsOf.get(shape) ?? new Set(['OPTIONS']);
      methods.add(route.method);
      methodsOf.set(shape, methods);
    }
  }
  for (const [shape, methods] of methodsOf) {
    let count = 0;
    const url = shape.replace(/:/g, () => `:p${count++}`);
    const others = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'].filter((method) => !methods.has(method));
    app.route({ method: others, url, handler: (_request, reply) => sendError(context, reply, wrongMethod) });
  }
}

async function answer(
  context: Context,
  route: Route,
  raw: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
): Promise<unknown> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const request = toMatrixRequest(raw, AbortSignal.any([stopping, gone.signal]));
  const user = claimedUser(context, request);
  const txnId = request.params['txn'];
  const logged: LoggedRequest = {
    at: context.now(),
    method: request.method,
    path: request.path,
    query: request.query.toString(),
    ...(txnId === undefined ? {} : { txnId }),
    ...(user === undefined ? {} : { user }),
  };
  context.requestLog.add(logged);
  reply.raw.once('finish', () => {
    logged.status = reply.raw.statusCode;
  });
  return playAndHandle(context, route, request, reply, user);
}

/** Handles the request, with the next scripted fault for it before or after. */
async function playAndHandle(
  context: Context,
  route: Route,
  request: MatrixRequest,
  reply: FastifyReply,
  user: string | undefined,
): Promise<unknown> {
  const fault = context.scripts.take({ method: request.method, path: request.path, user });
  switch (fault?.action) {
    case undefined:
      return send(reply, await handle(context, route, request));
    case 'rate-limit': {
      if (fault.header !== undefined) reply.header('retry-after', fault.header);
      const extra = fault.bodyMs === undefined ? {} : { retry_after_ms: fault.bodyMs };
      return sendError(context, reply, new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too Many Requests', extra));
    }
    case 'fail-before':
      return sendFailure(reply, fault.status, fault.html);
    case 'fail-after':
      await handle(context, route, request);
      return sendFailure(reply, fault.status, fault.html);
    case 'cut-after':
      await handle(context, route, request);
      reply.hijack();
      return reply.raw.destroy();
    case 'garbage':
      return reply.code(200).type('text/html').send(page);
    case 'delay':
      await sleep(fault.ms, undefined, { signal: request.signal });
      return send(reply, await handle(context, route, request));
    case 'hang':
      await context.scripts.hang(request.signal);
      reply.hijack();
      return reply.raw.destroy();
    default:
      return fault satisfies never;
  }
}

async function handle(context: Context, route: Route, request: MatrixRequest): Promise<Reply> {
  if (route.auth === 'none') return route.handle(context, request);
  return route.handle(context, request, authenticate(context, request));
}

function send(reply: FastifyReply, body: Reply): FastifyReply {
  if (body instanceof BinaryReply) return reply.headers(body.headers).send(Buffer.from(body.bytes));
  return reply.type('application/json').send(JSON.stringify(body));
}

function sendFailure(reply: FastifyReply, status: number, isHtml: boolean): FastifyReply {
  if (isHtml) return reply.code(status).type('text/html').send(page);
  return reply.code(status).send({ errcode: 'M_UNKNOWN', error: 'Bad gateway' });
}

function sendError(context: Context, reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof MatrixError) return reply.code(error.status).send(error.toBody());
  const isTooLarge = error instanceof Error && 'statusCode' in error && error.statusCode === 413;
  if (isTooLarge) return reply.code(413).send({ errcode: 'M_TOO_LARGE', error: 'Request entity too large' });
  context.log.error({ err: error }, 'request failed');
  return reply.code(500).send({ errcode: 'M_UNKNOWN', error: 'Internal server error' });
}

function toMatrixRequest(raw: FastifyRequest, signal: AbortSignal): MatrixRequest {
  const [path = '', query = ''] = splitOnce(raw.url, '?');
  return {
    method: raw.method,
    path,
    // fastify types parameters as unknown; they are strings by the router's making.
    params: raw.params as Record<string, string>,
    query: new URLSearchParams(query),
    headers: raw.headers,
    body: Buffer.isBuffer(raw.body) ? raw.body : Buffer.alloc(0),
    signal,
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
