import { z } from 'zod';
import { ownsUser } from '../appservice/registration.ts';
import type { Context } from '../context.ts';
import { forbidden, invalidParam } from '../errors.ts';
import { clientPaths, type MatrixRequest, parseBody, type Reply, type Route } from '../http/route.ts';
import { isPasswordOf, userExists } from './accounts.ts';
import { logInDevice, removeDevice } from './devices.ts';
import { authenticate } from './requester.ts';

const loginBody = z.object({
  type: z.string(),
  identifier: z.object({ type: z.string(), user: z.string().optional() }).optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  device_id: z.string().optional(),
  initial_device_display_name: z.string().optional(),
});

export const loginRoutes: Route[] = [
  {
    method: 'GET',
    paths: clientPaths('/login'),
    auth: 'none',
    handle: () => ({ flows: [{ type: 'm.login.password' }, { type: 'm.login.application_service' }] }),
  },
  { method: 'POST', paths: clientPaths('/login'), auth: 'none', handle: logIn },
  {
    method: 'POST',
    paths: clientPaths('/logout'),
    auth: 'required',
    handle: (context, _request, requester) => {
      if (requester.deviceId !== undefined) removeDevice(context, requester.userId, requester.deviceId);
      return {};
    },
  },
  {
    method: 'POST',
    paths: clientPaths('/logout/all'),
    auth: 'required',
    handle: (context, _request, requester) => {
      const devices = context.database.all<{ device_id: string }>(
        'SELECT device_id FROM devices WHERE user_id = ?',
        requester.userId,
      );
      for (const { device_id } of devices) removeDevice(context, requester.userId, device_id);
      return {};
    },
  },
  {
    method: 'GET',
    paths: clientPaths('/account/whoami'),
    auth: 'required',
    handle: (_context, _request, { userId, deviceId }) => ({
      user_id: userId,
      is_guest: false,
      ...(deviceId === undefined ? {} : { device_id: deviceId }),
    }),
  },
];

async function logIn(context: Context, request: MatrixRequest): Promise<Reply> {
  const body = parseBody(request, loginBody);
  const name = body.identifier?.user ?? body.user;
  if (body.type !== 'm.login.password' && body.type !== 'm.login.application_service') {
    throw invalidParam('Invalid login submission');
  }
  if (name === undefined) throw invalidParam('Missing "user" in identifier');
  const userId = name.startsWith('@') ? name : `@${name.toLowerCase()}:${context.config.serverName}`;
  if (body.type === 'm.login.password') {
    const isRight = await isPasswordOf(context, userId, body.password ?? '');
    if (!isRight) throw forbidden('Invalid username or password');
  } else {
    checkAppserviceLogin(context, request, userId);
  }
  return {
    ...logInDevice(context, userId, {
      deviceId: body.device_id,
      displayName: body.initial_device_display_name,
    }),
    well_known: { 'm.homeserver': { base_url: `http://${String(request.headers['host'])}/` } },
  };
}

function checkAppserviceLogin(context: Context, request: MatrixRequest, userId: string): void {
  const withoutMasquerade = new URLSearchParams(request.query);
  withoutMasquerade.delete('user_id');
  const { appservice } = authenticate(context, { ...request, query: withoutMasquerade });
  if (appservice === undefined) {
    throw forbidden('This login method is only valid for application services');
  }
  if (!ownsUser(appservice, userId, context.config.serverName) || !userExists(context, userId)) {
    throw forbidden('Invalid access_token');
  }
}
