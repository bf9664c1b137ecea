import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { readSwitches } from '#operations/switches/read-switches';
import { setSwitch } from '#operations/switches/set-switch';
import { switchList, switchRequest } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';

/** What is switched off, for viewers; switching, for operators. Every process obeys within a second. */
export function switchRoutes(
  server: FastifyInstance,
  { transport, authentication, log }: Pick<RouteDeps, 'transport' | 'authentication' | 'log'>,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/switches',
    { preValidation: authentication.guard('viewer'), schema: { response: { 200: switchList } } },
    async () => ({ switches: await readSwitches(transport) }),
  );

  app.put(
    '/api/v1/switches',
    {
      preValidation: authentication.guard('operator'),
      schema: { body: switchRequest.strict(), response: { 200: switchList } },
    },
    async ({ caller, body }) => {
      const isChanged = await setSwitch(transport, { ...body, by: caller.user });
      if (isChanged) log.warn({ scope: body.scope, off: body.off }, 'An operator has switched something');
      return { switches: await readSwitches(transport) };
    },
  );
}
