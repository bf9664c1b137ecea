import type { Requester } from '../accounts/requester.ts';
import { forbidden, invalidParam } from '../errors.ts';
import { clientPaths, jsonBody, type MatrixRequest, param, type Route } from '../http/route.ts';
import { storedFilter, storeFilter, syncFilter } from './event-filter.ts';

/** Filters kept for later syncs. */
export const filterRoutes: Route[] = [
  {
    method: 'POST',
    paths: clientPaths('/user/:user/filter'),
    auth: 'required',
    handle: (context, request, requester) => {
      requireSelf(request, requester);
      const parsed = syncFilter.safeParse(jsonBody(request));
      if (!parsed.success) throw invalidParam(`filter: ${parsed.error.issues[0]?.message ?? 'wrong value'}`);
      return { filter_id: storeFilter(context, requester.userId, parsed.data) };
    },
  },
  {
    method: 'GET',
    paths: clientPaths('/user/:user/filter/:filter'),
    auth: 'required',
    handle: (context, request, requester) => {
      requireSelf(request, requester);
      return storedFilter(context, requester.userId, param(request, 'filter'));
    },
  },
];

function requireSelf(request: MatrixRequest, { userId }: Requester): void {
  if (param(request, 'user') !== userId) throw forbidden('Cannot get filters for other users');
}
