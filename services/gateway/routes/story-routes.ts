import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tellStory } from '#operations/story/tell-story';
import { story } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';

const params = z.object({ event: z.string().min(1).max(512) });

/** Why something was posted: by the id of the event, of the message that it answers, or of an approval. */
export function storyRoutes(
  server: FastifyInstance,
  { transport, authentication }: Pick<RouteDeps, 'transport' | 'authentication'>,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/turns/:event',
    { preValidation: authentication.guard('viewer'), schema: { params, response: { 200: story } } },
    async ({ params: { event } }) => {
      const told = await tellStory(transport, event);
      return {
        ...told,
        lines: told.lines.map((line) => ({ ...line, details: [...line.details] })),
        turns: [...told.turns],
        approvals: [...told.approvals],
        audit: [...told.audit],
        gaps: [...told.gaps],
      };
    },
  );
}
