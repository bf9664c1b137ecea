import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Revocations } from '#operations/access/watch-revocations';
import { answerProblem, answerUnknownPath } from './answer-problem.ts';
import { contentPolicy } from './auth/content-policy.ts';
import { createAuthentication } from './auth/create-authentication.ts';
import { createOriginCheck } from './auth/create-origin-check.ts';
import { isPublicRoute } from './auth/public-routes.ts';
import { withinLimit } from './auth/within-limit.ts';
import type { FrontDoor } from './front-door.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { serveConsole } from './pages/serve-console.ts';
import { refuseDeepBodies } from './refuse-deep-bodies.ts';
import type { RouteDeps } from './route-deps.ts';
import { openApiRoute } from './routes/open-api-route.ts';
import { registerRoutes } from './routes/register-routes.ts';
import { watchRequests } from './watch-requests.ts';

export type AppDeps = Omit<RouteDeps, 'authentication'> & {
  readonly door: FrontDoor;
  readonly revocations: Revocations;
};

/** A megabyte is no message; what people write, and what a reviewer edits, is far below this. */
const bodyBytes = 256 * 1_024;
const minuteMs = 60_000;
const answerMs = 8_000;

/** Everything that the gateway answers, behind one door: nobody unknown gets further than the public routes. */
export async function createApp(config: GatewayConfig, deps: AppDeps): Promise<FastifyInstance> {
  const { door, log, metrics } = deps;
  const { trustedProxies, url } = config.listen;
  let handle: Parameters<FrontDoor['open']>[0] = () => undefined;
  const baseLog: FastifyBaseLogger = log;
  const app: FastifyInstance = fastify({
    serverFactory: (handler) => {
      handle = handler;
      return door.server;
    },
    loggerInstance: baseLog,
    // Lines with paths would show sessions, thus users.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => crypto.randomUUID(),
    bodyLimit: bodyBytes,
    // Whoever asks hears of a Redis that hangs. What streams its answer has its own times.
    handlerTimeout: answerMs,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: 4_096 },
    // Paths that cannot be decoded.
    frameworkErrors: answerProblem,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerProblem);
  // Forms of other sites may send plain text without being asked whether they may.
  app.removeContentTypeParser('text/plain');
  const routes = listRoutes(app);
  watchRequests(app, metrics);
  await app.register(helmet, contentPolicy(url));
  if (config.CORS_ORIGINS.length > 0) await allowOrigins(app, config.CORS_ORIGINS);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  app.setNotFoundHandler(answerUnknownPath);
  const isOwnOrigin = createOriginCheck(url);
  const authentication = createAuthentication(config.access, {
    ...deps,
    isOwnOrigin,
    otherOrigins: config.CORS_ORIGINS,
  });
  letKnownCallersIn(app, authentication, config.limits);
  refuseDeepBodies(app);
  await openApiRoute(app);
  registerRoutes(app, config, { ...deps, authentication, isOwnOrigin });
  await serveConsole(app, { log });
  await app.ready();
  log.debug({ routes }, 'Routes');
  door.open(handle);
  return app;
}

/** Fills while routes are registered, e.g. `GET /api/v1/me`. */
function listRoutes(app: FastifyInstance): readonly string[] {
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one} ${url}`);
  });
  return routes;
}

/** Without credentials: a page elsewhere sends a token of its own, and never our cookie. */
async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: [...origins],
    credentials: false,
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'last-event-id'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  });
}

/** Denies by default: a route that forgets its guard is closed to whoever is unknown all the same. */
function letKnownCallersIn(
  app: FastifyInstance,
  authentication: ReturnType<typeof createAuthentication>,
  { perAddress, perCaller }: GatewayConfig['limits'],
): void {
  const ofAddress = app.createRateLimit({ max: perAddress, timeWindow: minuteMs });
  const ofCaller = app.createRateLimit({
    max: perCaller,
    timeWindow: minuteMs,
    keyGenerator: (request) => `caller ${request.caller.user}`,
  });
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    await withinLimit(ofAddress, request, reply);
    if (request.is404 || isPublicRoute(request.method, request.routeOptions.url)) return;
    request.caller = await authentication.identify(request);
    await withinLimit(ofCaller, request, reply);
  });
}
