import type { FastifyInstance } from 'fastify';
import { ForbiddenError } from '#operations/errors';
import { createConsoleSession, idleMs } from '../auth/console-sessions.ts';
import { consoleCookie, cookieOptions, oidcCookie } from '../auth/cookies.ts';
import { createOidc, finishMs, oidcMs } from '../auth/create-oidc.ts';
import { withinLimit } from '../auth/within-limit.ts';
import { UnauthorisedError } from '../errors.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import type { SignInDeps } from './sign-in-routes.ts';

/** Signing in with a company account, where one is configured. */
export function oidcRoutes(app: FastifyInstance, config: GatewayConfig, deps: SignInDeps): void {
  const { access, listen, limits } = config;
  if (access.oidc === undefined) return;
  const { transport, signIns, log } = deps;
  const oidc = createOidc(access.oidc, { shelf: transport, log });
  const attempts = app.createRateLimit({
    max: limits.signIns,
    timeWindow: 60_000,
    keyGenerator: (request) => `oidc ${request.ip}`,
  });
  const path = '/api/v1/oidc';
  // Lax: the provider sends the browser back from another site, which a strict cookie would not survive.
  const onTheWay = { ...cookieOptions(listen.url, oidcMs), path, sameSite: 'lax' } as const;
  const schema = { hide: true };

  app.get(`${path}/start`, { schema }, async (request, reply) => {
    await withinLimit(attempts, request, reply);
    const { url, secret } = await oidc.begin();
    return reply.setCookie(oidcCookie, secret, onTheWay).redirect(url.href);
  });

  app.get(`${path}/callback`, { schema, handlerTimeout: finishMs }, async (request, reply) => {
    const secret = request.cookies[oidcCookie];
    reply.clearCookie(oidcCookie, onTheWay);
    if (secret === undefined) throw new UnauthorisedError('This sign-in was not begun in this browser');
    const who = await oidc.finish(secret, request.url.replace(/^[^?]*\??/, ''));
    const isRefused = 'problem' in who;
    signIns.inc({ way: 'oidc', outcome: isRefused ? 'refused' : 'done' });
    if (isRefused) {
      log.info({ address: request.ip, reason: who.problem }, 'Refused a sign-in by OIDC');
      throw new ForbiddenError(who.problem);
    }
    const session = await createConsoleSession(transport, who);
    return reply.setCookie(consoleCookie, session, cookieOptions(listen.url, idleMs)).redirect('/');
  });
}
