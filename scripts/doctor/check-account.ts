import pino from 'pino';
import { connectMatrix } from '#matrix/connect-matrix';
import { deviceIdOf } from '#matrix/device-id-of';
import { MatrixLoginError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import type { MatrixSettings } from '#matrix/matrix-settings';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { type Finding, fail, ok, warn } from './finding.ts';

const roles = ['ingress', 'egress'] as const;
const keepNothing = {
  load: async () => undefined,
  save: async () => undefined,
  exclusively: <T>(work: () => Promise<T>) => work(),
};

/** The bot's account: whether the homeserver takes its tokens, and as the devices that they should be. Never logs in. */
export async function checkAccount(
  settings: MatrixSettings,
  transport: Transport | undefined,
): Promise<{ findings: Finding[]; client: MatrixClient | undefined }> {
  const { access } = settings;
  if (access.kind !== 'password') return checkGivenToken(settings);
  if (transport === undefined) {
    return {
      findings: [warn('Account', 'the tokens are in Redis, which cannot be used', 'Mend Redis first')],
      client: undefined,
    };
  }
  const checked = await Promise.all(roles.map((role) => checkRole(settings, access.user, role, transport)));
  return {
    findings: [...checked.map(({ finding }) => finding), await checkSync(transport, access.user)],
    client: checked.find(({ client }) => client !== undefined)?.client,
  };
}

async function checkGivenToken(settings: MatrixSettings) {
  const check = 'Account';
  try {
    const client = await connect(settings);
    const device = client.deviceId === undefined ? 'without a device' : `device ${client.deviceId}`;
    const finding =
      settings.access.kind === 'token' && client.deviceId === undefined
        ? warn(
            check,
            `${client.userId}, ${device}: the homeserver remembers no transaction ids for it`,
            'Use MATRIX_USER and MATRIX_PASSWORD, or a token that a login gave',
          )
        : ok(check, `${client.userId}, ${device}`);
    return { findings: [finding], client };
  } catch (error) {
    return { findings: [fail(check, messageOf(error), remedyOf(error))], client: undefined };
  }
}

async function checkRole(
  settings: MatrixSettings,
  user: string,
  role: (typeof roles)[number],
  transport: Transport,
) {
  const check = `Account of ${role}`;
  const device = deviceIdOf(role);
  const stored = await transport.redis.get(transport.keys.token(user, device));
  if (stored === null) {
    return { finding: warn(check, 'has not logged in yet', `Start ${role}`), client: undefined };
  }
  try {
    const token = transport.openBody(stored);
    const client = await connect({ ...settings, access: { kind: 'token', token } });
    if (client.deviceId === device)
      return { finding: ok(check, `${client.userId}, device ${device}`), client };
    const says = `the token belongs to device ${client.deviceId ?? 'none'}, not to ${device}: what was sent before may be sent twice`;
    return {
      finding: fail(check, says, `Delete ${transport.keys.token(user, device)} and start ${role} again`),
      client,
    };
  } catch (error) {
    return { finding: fail(check, messageOf(error), remedyOf(error)), client: undefined };
  }
}

async function checkSync({ redis, keys }: Transport, user: string): Promise<Finding> {
  const [owner, until, token] = await redis.hmget(keys.sync(user), 'owner', 'until', 'token');
  const isHeld = owner != null && Number(until ?? 0) > (await redisNow(redis));
  if (!isHeld)
    return fail(
      'Reading of /sync',
      'nobody reads it: messages wait at the homeserver',
      'Start ingress, or look at its log',
    );
  if (token == null)
    return warn(
      'Reading of /sync',
      `${owner} has not finished the first one`,
      'Right after the first start this takes some seconds',
    );
  return ok('Reading of /sync', `by ${owner}`);
}

function connect(settings: MatrixSettings): Promise<MatrixClient> {
  const deps = { tokens: keepNothing, log: pino({ enabled: false }) };
  return connectMatrix({ ...settings, deviceId: 'VAGENT_DOCTOR' }, deps);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function remedyOf(error: unknown): string {
  return error instanceof MatrixLoginError
    ? 'Renew the token or password, then start the services again'
    : 'Check MATRIX_HOMESERVER and its log';
}
