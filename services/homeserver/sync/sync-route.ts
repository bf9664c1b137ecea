import type { Requester } from '../accounts/requester.ts';
import type { Context } from '../context.ts';
import { clientPaths, integerQuery, type MatrixRequest, type Reply, type Route } from '../http/route.ts';
import { resolveSyncFilter } from './event-filter.ts';
import { currentPosition, formatPosition, parsePosition } from './position.ts';
import { type SyncRequest, syncOnce } from './sync-once.ts';

/** The longest a poll waits, whatever the client asks for. */
const maxTimeoutMs = 5 * 60_000;

export const syncRoute: Route = {
  method: 'GET',
  paths: clientPaths('/sync'),
  auth: 'required',
  handle: sync,
};

/** Answers at once when there is something new or the client starts afresh; else waits up to `timeout`. */
async function sync(context: Context, request: MatrixRequest, requester: Requester): Promise<Reply> {
  const sinceToken = request.query.get('since');
  const repeated = context.scripts.takeRepeatedSync(requester.userId);
  if (repeated !== undefined) return repeated;
  const wanted: SyncRequest = {
    requester,
    since: sinceToken === null ? undefined : parsePosition(sinceToken),
    fullState: request.query.get('full_state') === 'true',
    filter: resolveSyncFilter(context, requester.userId, request.query.get('filter')),
  };
  const timeout = Math.min(integerQuery(request, 'timeout', 0), maxTimeoutMs);
  const deadline = context.now() + timeout;
  for (;;) {
    const now = currentPosition(context);
    const forced = context.scripts.timelineLimitFor(requester.userId);
    const result = syncOnce(context, { ...wanted, forcedLimit: forced }, now);
    const leftMs = deadline - context.now();
    const isDue = result.hasNews || wanted.since === undefined || wanted.fullState || leftMs <= 0;
    if (isDue || request.signal.aborted) {
      const body = { next_batch: formatPosition(now), ...result.body };
      return context.scripts.onSync(requester.userId, body, result.hasTimeline);
    }
    await context.notifier.wait(requester.userId, leftMs, request.signal);
  }
}
