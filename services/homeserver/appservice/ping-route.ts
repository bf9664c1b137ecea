import type { Requester } from '../accounts/requester.ts';
import { stringAt } from '../content.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError } from '../errors.ts';
import { jsonBody, type MatrixRequest, param, type Reply, type Route } from '../http/route.ts';

const timeoutMs = 60_000;

/** An appservice asks to be pinged: a success ends its backoff, so what has piled up comes at once. */
export const pingRoute: Route = {
  method: 'POST',
  paths: ['/_matrix/client/v1/appservice/:id/ping'],
  auth: 'required',
  handle: ping,
};

async function ping(context: Context, request: MatrixRequest, { appservice }: Requester): Promise<Reply> {
  if (appservice === undefined)
    throw forbidden('Only application services can use the /appservice/ping endpoint');
  if (param(request, 'id') !== appservice.id) {
    throw forbidden('Mismatching application service ID in path');
  }
  if (appservice.url === null) {
    throw new MatrixError(400, 'M_URL_NOT_SET', 'The application service does not have a URL set');
  }
  const txnId = stringAt(jsonBody(request), 'transaction_id');
  const startedAt = performance.now();
  const response = await reach(`${appservice.url}/_matrix/app/v1/ping`, appservice.hs_token, txnId);
  const body = await response.text();
  if (!response.ok) {
    throw new MatrixError(502, 'M_BAD_STATUS', `HTTP ${response.status}`, { status: response.status, body });
  }
  context.appservices.forceRetry(appservice.id);
  return { duration_ms: Math.round(performance.now() - startedAt) };
}

async function reach(url: string, token: string, txnId: string | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(txnId === undefined ? {} : { transaction_id: txnId }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    if (isTimeout) throw new MatrixError(504, 'M_CONNECTION_TIMEOUT', 'The ping was not answered in time');
    throw new MatrixError(502, 'M_CONNECTION_FAILED', error instanceof Error ? error.message : String(error));
  }
}
