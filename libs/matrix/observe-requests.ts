import type { Registry } from 'prom-client';
import { createRequestObserver } from './create-request-observer.ts';
import type { MatrixClient } from './matrix-client.ts';

/** The same client, with its requests counted and timed: the one client of a process. */
export function observeRequests(client: MatrixClient, registry: Registry): MatrixClient {
  return createRequestObserver(registry)(client);
}
