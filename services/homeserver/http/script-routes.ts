import { createHash, timingSafeEqual } from 'node:crypto';
import { ZodError } from 'zod';
import type { ResolvedConfig } from '../config.ts';
import type { Context } from '../context.ts';
import { badJson, MatrixError } from '../errors.ts';
import { jsonBody, type MatrixRequest, type Route } from './route.ts';
import type { Script } from './scripts.ts';

/** Faults and the request log over HTTP, for tests of a standalone homeserver; none without a script token. */
export function scriptRoutes(
  { scriptToken }: ResolvedConfig,
  play: (fault: Script) => Promise<void>,
): Route[] {
  if (scriptToken === undefined) return [];
  return [
    {
      method: 'POST',
      paths: ['/_vagent/script'],
      auth: 'none',
      handle: async (_context, request) => {
        checkToken(request, scriptToken);
        try {
          // `play` checks every field; the type only says what a right caller sends.
          await play(jsonBody(request) as Script);
        } catch (error) {
          if (error instanceof ZodError) throw badJson(error.message);
          throw error;
        }
        return {};
      },
    },
    {
      method: 'GET',
      paths: ['/_vagent/requests'],
      auth: 'none',
      handle: (context: Context, request) => {
        checkToken(request, scriptToken);
        return { requests: context.requestLog.all() };
      },
    },
  ];
}

function checkToken(request: MatrixRequest, wanted: string): void {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const given = String(request.headers['authorization'] ?? '');
  if (timingSafeEqual(hash(given), hash(`Bearer ${wanted}`))) return;
  throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Wrong script token: send HOMESERVER_SCRIPT_TOKEN as Bearer');
}
