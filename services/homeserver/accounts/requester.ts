import { type AppserviceRegistration, ownsUser } from '../appservice/registration.ts';
import type { Context } from '../context.ts';
import { forbidden, MatrixError } from '../errors.ts';
import type { MatrixRequest } from '../http/route.ts';

/** On whose behalf a request acts. An appservice's ghost has no device unless it names one. */
export interface Requester {
  readonly userId: string;
  readonly deviceId: string | undefined;
  readonly token: string;
  readonly appservice: AppserviceRegistration | undefined;
}

/** Who sends this request, from its access token; throws the 401 or 403 that Synapse answers. */
export function authenticate(context: Context, request: MatrixRequest): Requester {
  const token = tokenOf(request);
  if (token === undefined) throw new MatrixError(401, 'M_MISSING_TOKEN', 'Missing access token');
  const appservice = context.config.appservices.find(({ as_token }) => as_token === token);
  if (appservice !== undefined) return masquerade(context, request, appservice, token);
  const owner = tokenOwner(context, token);
  if (owner === undefined) {
    throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Invalid access token passed.', { soft_logout: false });
  }
  return { ...owner, token, appservice: undefined };
}

/** The user a request seems to come from, for the log and the scripts: nothing is checked. */
export function claimedUser(
  context: Context,
  request: Pick<MatrixRequest, 'headers' | 'query'>,
): string | undefined {
  const token = tokenOf(request);
  if (token === undefined) return undefined;
  const appservice = context.config.appservices.find(({ as_token }) => as_token === token);
  if (appservice === undefined) return tokenOwner(context, token)?.userId;
  return request.query.get('user_id') ?? `@${appservice.sender_localpart}:${context.config.serverName}`;
}

function tokenOf(request: Pick<MatrixRequest, 'headers' | 'query'>): string | undefined {
  const header = request.headers['authorization'];
  if (typeof header === 'string') return /^Bearer (\S+)$/.exec(header)?.[1];
  return request.query.get('access_token') ?? undefined;
}

function tokenOwner(context: Context, token: string): { userId: string; deviceId: string } | undefined {
  return context.database.get<{ userId: string; deviceId: string }>(
    'SELECT user_id AS userId, device_id AS deviceId FROM access_tokens WHERE token = ?',
    token,
  );
}

function masquerade(
  context: Context,
  request: MatrixRequest,
  appservice: AppserviceRegistration,
  token: string,
): Requester {
  const { serverName } = context.config;
  const userId = request.query.get('user_id') ?? `@${appservice.sender_localpart}:${serverName}`;
  if (!ownsUser(appservice, userId, serverName)) {
    throw forbidden('Application service cannot masquerade as this user.');
  }
  if (context.database.get('SELECT 1 FROM users WHERE user_id = ?', userId) === undefined) {
    throw forbidden('Application service has not registered this user');
  }
  const deviceId =
    request.query.get('device_id') ?? request.query.get('org.matrix.msc3202.device_id') ?? undefined;
  if (deviceId !== undefined) {
    const device = context.database.get(
      'SELECT 1 FROM devices WHERE user_id = ? AND device_id = ?',
      userId,
      deviceId,
    );
    if (device === undefined) {
      throw new MatrixError(
        400,
        'M_UNKNOWN_DEVICE',
        `Application service trying to use a device that doesn't exist`,
      );
    }
  }
  return { userId, deviceId, token, appservice };
}
