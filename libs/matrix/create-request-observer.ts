import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';
import { MatrixRequestError } from './errors.ts';
import type { MatrixClient, MatrixRequest } from './matrix-client.ts';

/** Seconds: from a local answer to a long poll of /sync. */
const buckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Makes clients of which the requests are counted and timed, by what they are for and how they ended; all that one
 * observer was given are counted together.
 */
export function createRequestObserver(registry: Registry): (client: MatrixClient) => MatrixClient {
  const registers = [registry];
  const requests = new Counter({
    name: 'vagent_matrix_requests_total',
    help: 'Requests to the homeserver by purpose and result',
    labelNames: ['what', 'result'],
    registers,
  });
  const seconds = new Histogram({
    name: 'vagent_matrix_request_seconds',
    help: 'Time of requests to the homeserver; sync waits for news by design',
    labelNames: ['what'],
    buckets,
    registers,
  });
  const toldToWait = new Counter({
    name: 'vagent_matrix_told_to_wait_seconds_total',
    help: 'Seconds that the homeserver asked to wait, with 429 or otherwise',
    registers,
  });
  return (client) => {
    const request: MatrixRequest = async (method, path, options) => {
      const what = purposeOf(path);
      const stopTimer = seconds.startTimer({ what });
      try {
        const answer = await client.request(method, path, options);
        requests.inc({ what, result: 'ok' });
        return answer;
      } catch (error) {
        requests.inc({ what, result: resultOf(error) });
        if (error instanceof MatrixRequestError) toldToWait.inc((error.retryAfterMs ?? 0) / 1_000);
        throw error;
      } finally {
        stopTimer();
      }
    };
    return { ...client, request };
  };
}

const purposes: readonly (readonly [string, RegExp])[] = [
  ['sync', /\/sync$/],
  ['send', /\/send\//],
  ['media', /\/media\//],
  ['typing', /\/typing\//],
  ['join', /\/join/],
  ['leave', /\/leave$/],
  ['history', /\/messages$|\/context\/|\/event\/|\/relations\//],
  ['state', /\/state|\/members$|\/joined_members$/],
  ['account', /\/account\/|\/login$|\/presence\//],
];

function purposeOf(path: string): string {
  return purposes.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other';
}

function resultOf(error: unknown): string {
  if (!(error instanceof MatrixRequestError)) return 'aborted';
  const { status } = error;
  if (status === null) return 'no_answer';
  if (status === 429) return 'rate_limited';
  if (status === 401) return 'token_refused';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'refused' : 'not_matrix';
}
