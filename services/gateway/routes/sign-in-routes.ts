import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ForbiddenError } from '#operations/errors';
import { type SignIn, takeSignInCode } from '#operations/gateway/sign-in-code';
import { me, signInRequest, ticket, waysIn } from '../api/resources.ts';
import { createConsoleSession, endConsoleSession, idleMs } from '../auth/console-sessions.ts';
import { consoleCookie, consoleCookieOf, cookieOptions } from '../auth/cookies.ts';
import type { OriginCheck } from '../auth/create-origin-check.ts';
import { createTicket, ticketSeconds } from '../auth/tickets.ts';
import { withinLimit } from '../auth/within-limit.ts';
import type { Caller } from '../caller.ts';
import { UnauthorisedError } from '../errors.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import type { RouteDeps } from '../route-deps.ts';
import type { SignInMetric } from './sign-in-metric.ts';

export interface SignInDeps extends Pick<RouteDeps, 'transport' | 'authentication' | 'log'> {
  readonly isOwnOrigin: OriginCheck;
  readonly signIns: SignInMetric;
  readonly version: string;
}

/** Signing in by a single-use code, signing out, who one is, and tickets for sockets. */
export function signInRoutes(server: FastifyInstance, config: GatewayConfig, deps: SignInDeps): void {
  const { transport, authentication, isOwnOrigin, signIns, log, version } = deps;
  const { access, listen, limits } = config;
  const app = server.withTypeProvider<ZodTypeProvider>();
  const attempts = server.createRateLimit({
    max: limits.signIns,
    timeWindow: 60_000,
    keyGenerator: (request) => `sign-in ${request.ip}`,
  });

  app.get('/api/v1/ways-in', { schema: { response: { 200: waysIn } } }, async () => ({
    links: access.links,
    oidc: access.oidc !== undefined,
    tokens: access.tokens !== undefined,
  }));

  app.post(
    '/api/v1/sign-in',
    { schema: { body: signInRequest.strict(), response: { 200: me } } },
    async (request, reply) => {
      await withinLimit(attempts, request, reply);
      const { origin, host } = request.headers;
      if (origin !== undefined && !isOwnOrigin(origin, host))
        throw new ForbiddenError('This page is not the console of this gateway');
      if (!access.links) throw new ForbiddenError('Links are not accepted here: sign in another way');
      const who = await takeSignInCode(transport, request.body.code);
      signIns.inc({ way: 'link', outcome: who === undefined ? 'refused' : 'done' });
      if (who === undefined) {
        log.info({ address: request.ip }, 'A sign-in with a wrong, used or old code');
        throw new UnauthorisedError(
          'This link was used already, or is older than ten minutes. Run "npx vagent console" for a new one',
        );
      }
      reply.setCookie(
        consoleCookie,
        await createConsoleSession(transport, who),
        cookieOptions(listen.url, idleMs),
      );
      return meOf(asCaller(who), version);
    },
  );

  app.post(
    '/api/v1/sign-out',
    { preValidation: authentication.guard('user'), schema: { response: { 204: z.null() } } },
    async (request, reply) => {
      const secret = consoleCookieOf(request.headers);
      if (secret !== undefined) await endConsoleSession(transport, secret);
      return reply.clearCookie(consoleCookie, cookieOptions(listen.url, 0)).code(204).send(null);
    },
  );

  app.get(
    '/api/v1/me',
    { preValidation: authentication.guard('user'), schema: { response: { 200: me } } },
    async (request, reply) => {
      const { caller } = request;
      const secret = consoleCookieOf(request.headers);
      // The browser forgets a cookie by its own clock: it is told again while it is used.
      if (caller.via === 'console' && secret !== undefined)
        reply.setCookie(consoleCookie, secret, cookieOptions(listen.url, caller.expiresAt - Date.now()));
      return meOf(caller, version);
    },
  );

  app.post(
    '/api/v1/tickets',
    { preValidation: authentication.guard('user'), schema: { response: { 200: ticket } } },
    async (request) => ({
      ticket: await createTicket(transport, request.caller),
      expiresInSeconds: ticketSeconds,
    }),
  );
}

function asCaller(who: SignIn): Caller {
  const issuedAt = Date.now();
  return { ...who, session: null, via: 'console', jti: null, issuedAt, expiresAt: issuedAt + idleMs };
}

function meOf({ user, name, role, expiresAt }: Caller, version: string): z.infer<typeof me> {
  return { user, name, role, expiresAt: new Date(expiresAt).toISOString(), version };
}
