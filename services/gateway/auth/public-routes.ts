/**
 * Everything that answers somebody unknown. `/health`, `/ready` and `/metrics` are the front door's own. Page assets hold
 * no data: what the page shows it asks for with a caller.
 */
export const publicRoutes: readonly string[] = [
  'POST /api/v1/sign-in',
  'GET /api/v1/ways-in',
  'GET /api/v1/oidc/start',
  'GET /api/v1/oidc/callback',
  'GET /openapi.json',
  'GET /',
  'GET /assets/:name',
  // Preflights: answered before anything else, and without content.
  'OPTIONS *',
];

/** `route` is the pattern that a route was registered with. */
export function isPublicRoute(method: string, route: string | undefined): boolean {
  return publicRoutes.includes(`${method === 'HEAD' ? 'GET' : method} ${route ?? ''}`);
}
