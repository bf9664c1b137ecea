import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OriginCheck } from '../auth/create-origin-check.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { liveRoutes } from '../live/live-routes.ts';
import { overviewRoute, takeSamples } from '../live/samples.ts';
import type { RouteDeps } from '../route-deps.ts';
import { talkRoutes } from '../talk/talk-routes.ts';
import { approvalRoutes } from './approval-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { revocationRoutes } from './revocation-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSignInMetric } from './sign-in-metric.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { storyRoutes } from './story-routes.ts';
import { switchRoutes } from './switch-routes.ts';
import { systemRoutes } from './system-routes.ts';

const manifest = new URL('../../../package.json', import.meta.url);

export type ApiDeps = RouteDeps & { readonly isOwnOrigin: OriginCheck };

/** Every route of the API. */
export function registerRoutes(app: FastifyInstance, config: GatewayConfig, deps: ApiDeps): void {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  const signIns = createSignInMetric(deps.metrics);
  const signInDeps = { ...deps, signIns, version };
  signInRoutes(app, config, signInDeps);
  oidcRoutes(app, config, signInDeps);
  talkRoutes(app, deps, { perMinute: config.messages, live: config.live });
  liveRoutes(app, deps, config.live);
  overviewRoute(app, { ...deps, samples: takeSamples(deps) });
  sessionRoutes(app, deps);
  approvalRoutes(app, deps);
  storyRoutes(app, deps);
  deadLetterRoutes(app, deps);
  systemRoutes(app, deps);
  switchRoutes(app, deps);
  revocationRoutes(app, config, deps);
  auditRoutes(app, deps);
}
