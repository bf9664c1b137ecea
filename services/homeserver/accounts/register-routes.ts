import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ownsUser } from '../appservice/registration.ts';
import type { Context } from '../context.ts';
import { forbidden, invalidParam, MatrixError } from '../errors.ts';
import { clientPaths, type MatrixRequest, parseBody, type Reply, type Route } from '../http/route.ts';
import { createAccount, userExists } from './accounts.ts';
import { logInDevice } from './devices.ts';
import { authenticate } from './requester.ts';

const registerBody = z.object({
  type: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  device_id: z.string().optional(),
  initial_device_display_name: z.string().optional(),
  inhibit_login: z.boolean().default(false),
  auth: z.object({ type: z.string(), session: z.string().optional() }).optional(),
});
type RegisterBody = z.infer<typeof registerBody>;

const sharedSecretBody = z.object({
  nonce: z.string(),
  username: z.string(),
  password: z.string(),
  admin: z.boolean().default(false),
  displayname: z.string().optional(),
  mac: z.string(),
});

/** Nonces are good for one registration within a minute, as Synapse's are. */
const nonceMs = 60_000;

/** Registration: open (dummy stage), of an appservice's ghosts, and by Synapse's shared secret. */
export function registerRoutes(): Route[] {
  const nonces = new Map<string, number>();
  return [
    { method: 'POST', paths: clientPaths('/register'), auth: 'none', handle: register },
    {
      method: 'GET',
      paths: clientPaths('/register/available'),
      auth: 'none',
      handle: (context, request) => {
        const userId = `@${request.query.get('username') ?? ''}:${context.config.serverName}`;
        if (userExists(context, userId)) {
          throw new MatrixError(400, 'M_USER_IN_USE', 'User ID already taken.');
        }
        return { available: true };
      },
    },
    {
      method: 'GET',
      paths: ['/_synapse/admin/v1/register'],
      auth: 'none',
      handle: (context) => {
        requireSecret(context);
        for (const [old, at] of nonces) if (context.now() - at > nonceMs) nonces.delete(old);
        const nonce = randomBytes(32).toString('hex');
        nonces.set(nonce, context.now());
        return { nonce };
      },
    },
    {
      method: 'POST',
      paths: ['/_synapse/admin/v1/register'],
      auth: 'none',
      handle: (context, request) => registerBySecret(context, request, nonces),
    },
  ];
}

async function register(context: Context, request: MatrixRequest): Promise<Reply> {
  const body = parseBody(request, registerBody);
  if (body.type === 'm.login.application_service') return registerGhost(context, request, body);
  if (!context.config.openRegistration) throw forbidden('Registration has been disabled');
  if (body.auth?.type !== 'm.login.dummy') {
    const session = body.auth?.session ?? randomBytes(12).toString('hex');
    throw new MatrixError(401, 'M_UNAUTHORIZED', 'Registration needs the dummy stage', {
      session,
      flows: [{ stages: ['m.login.dummy'] }],
      params: {},
    });
  }
  const localpart = body.username ?? randomBytes(6).toString('hex');
  const userId = await createAccount(context, { localpart, password: body.password });
  return answer(context, userId, body);
}

async function registerGhost(context: Context, request: MatrixRequest, body: RegisterBody): Promise<Reply> {
  const { appservice } = authenticate(context, request);
  if (appservice === undefined) throw forbidden('No application service matches this access token');
  if (body.username === undefined) throw invalidParam('Desired Username is missing or not a string');
  if (!ownsUser(appservice, `@${body.username}:${context.config.serverName}`, context.config.serverName)) {
    throw new MatrixError(400, 'M_EXCLUSIVE', 'Invalid user localpart for this application service.');
  }
  const userId = await createAccount(context, { localpart: body.username, appservice: appservice.id });
  return answer(context, userId, body);
}

function answer(context: Context, userId: string, body: RegisterBody): Reply {
  if (body.inhibit_login) return { user_id: userId, home_server: context.config.serverName };
  return {
    ...logInDevice(context, userId, {
      deviceId: body.device_id,
      displayName: body.initial_device_display_name,
    }),
  };
}

async function registerBySecret(
  context: Context,
  request: MatrixRequest,
  nonces: Map<string, number>,
): Promise<Reply> {
  const secret = requireSecret(context);
  const body = parseBody(request, sharedSecretBody);
  const issuedAt = nonces.get(body.nonce);
  nonces.delete(body.nonce);
  if (issuedAt === undefined || context.now() - issuedAt > nonceMs) {
    throw new MatrixError(400, 'M_UNKNOWN', 'unrecognised nonce');
  }
  const parts = [body.nonce, body.username, body.password, body.admin ? 'admin' : 'notadmin'];
  const wanted = createHmac('sha1', secret).update(parts.join('\0')).digest();
  const got = Buffer.from(body.mac, 'hex');
  if (got.length !== wanted.length || !timingSafeEqual(got, wanted)) throw forbidden('HMAC incorrect');
  const userId = await createAccount(context, {
    localpart: body.username.toLowerCase(),
    password: body.password,
    displayname: body.displayname,
    admin: body.admin,
  });
  return { ...logInDevice(context, userId, {}) };
}

function requireSecret(context: Context): string {
  const { registrationSecret } = context.config;
  if (registrationSecret === undefined) {
    throw new MatrixError(400, 'M_UNKNOWN', 'Shared secret registration is not enabled');
  }
  return registrationSecret;
}
