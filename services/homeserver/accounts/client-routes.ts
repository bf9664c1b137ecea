import { clientPaths, type Route } from '../http/route.ts';

/** What clients ask for when they start, and this homeserver has nothing of: push rules and presence. */
export const clientRoutes: Route[] = [
  {
    method: 'GET',
    paths: [...clientPaths('/pushrules/'), ...clientPaths('/pushrules')],
    auth: 'required',
    handle: () => ({ global: { override: [], content: [], room: [], sender: [], underride: [] } }),
  },
  { method: 'PUT', paths: clientPaths('/presence/:user/status'), auth: 'required', handle: () => ({}) },
  {
    method: 'GET',
    paths: clientPaths('/presence/:user/status'),
    auth: 'required',
    handle: () => ({ presence: 'offline' }),
  },
  { method: 'GET', paths: clientPaths('/voip/turnServer'), auth: 'required', handle: () => ({}) },
];
