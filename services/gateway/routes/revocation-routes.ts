import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { apiUserOf } from '#contract/api-session';
import { readRevocations } from '#operations/access/read-revocations';
import type { Revocation } from '#operations/access/revocation';
import { revokeAccess } from '#operations/access/revoke-access';
import { ForbiddenError } from '#operations/errors';
import { redisNow } from '#streams/redis-now';
import { revocationList, revocationRequest } from '../api/resources.ts';
import { consoleCookie, cookieOptions } from '../auth/cookies.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import type { RouteDeps } from '../route-deps.ts';

/** Taking back tokens and sign-ins: every gateway refuses them within a second, and closes what they have open. */
export function revocationRoutes(
  server: FastifyInstance,
  { listen }: Pick<GatewayConfig, 'listen'>,
  { transport, authentication, log }: Pick<RouteDeps, 'transport' | 'authentication' | 'log'>,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('operator');
  const list = async (): Promise<z.output<typeof revocationList>> => {
    const now = await redisNow(transport.redis);
    return { revocations: (await readRevocations(transport, now)).map(shown) };
  };

  app.get('/api/v1/revocations', { preValidation, schema: { response: { 200: revocationList } } }, list);

  app.post(
    '/api/v1/revocations',
    { preValidation, schema: { body: revocationRequest.strict(), response: { 200: revocationList } } },
    async ({ caller, body: { kind, id, because, before } }) => {
      const subject = kind === 'subject' ? apiUserOf(id) : id;
      const until = before === undefined ? {} : { beforeMs: Date.parse(before) };
      await revokeAccess(transport, { kind, id: subject, because, by: caller.user, ...until });
      log.warn({ kind }, 'An operator has revoked access');
      return list();
    },
  );

  app.post(
    '/api/v1/sign-out-everywhere',
    { preValidation: authentication.guard('user'), schema: { response: { 204: z.null() } } },
    async ({ caller }, reply) => {
      // A token that leaked must not be able to shut its owner out.
      if (caller.via !== 'console')
        throw new ForbiddenError('This is for the console: an operator can revoke tokens');
      const because = 'signed out everywhere';
      await revokeAccess(transport, { kind: 'subject', id: caller.user, because, by: caller.user });
      return reply.clearCookie(consoleCookie, cookieOptions(listen.url, 0)).code(204).send(null);
    },
  );
}

function shown({ at, until, ...record }: Revocation): z.output<typeof revocationList>['revocations'][number] {
  return { ...record, at: new Date(at).toISOString(), until: new Date(until).toISOString() };
}
