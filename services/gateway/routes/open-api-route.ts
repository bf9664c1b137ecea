import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** `GET /openapi.json`, made of the schemas of every route that is registered after it. */
export async function openApiRoute(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'vagent gateway',
        description: 'Conversations, approvals and everything that an operator looks at and does.',
        version: '1',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          console: { type: 'apiKey', in: 'cookie', name: 'vagent_console' },
        },
      },
      security: [{ token: [] }, { console: [] }],
    },
    transform: jsonSchemaTransform,
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
