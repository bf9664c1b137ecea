import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OriginCheck } from '../auth/create-origin-check.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import type { RouteDeps } from '../route-deps.ts';
import { createSignInMetric } from './sign-in-metric.ts';
import { signInRoutes } from './sign-in-routes.ts';

const manifest = new URL('../../../package.json', import.meta.url);

/** Every route of the API. */
export async function registerRoutes(
  app: FastifyInstance,
  config: GatewayConfig,
  deps: Omit<RouteDeps, 'feed' | 'privacy'> & { readonly isOwnOrigin: OriginCheck },
): Promise<void> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  const signIns = createSignInMetric(deps.metrics);
  signInRoutes(app, config, { ...deps, signIns, version });
}
