import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Revocations } from '#operations/access/watch-revocations';
import { ForbiddenError } from '#operations/errors';
import type { Metrics } from '#runtime/create-metrics';
import { mayActAs } from '../api/role.ts';
import type { Caller } from '../caller.ts';
import { UnauthorisedError, UnavailableError } from '../errors.ts';
import type { Authentication } from '../route-deps.ts';
import type { AccessSettings } from './access-settings.ts';
import { type ConsoleShelf, readConsoleSession } from './console-sessions.ts';
import { consoleCookieOf } from './cookies.ts';
import type { OriginCheck } from './create-origin-check.ts';
import { takeTicket } from './tickets.ts';
import { verifyToken } from './verify-token.ts';

export interface AuthenticationDeps {
  readonly transport: ConsoleShelf;
  readonly revocations: Revocations;
  readonly isOwnOrigin: OriginCheck;
  /** Other origins whose pages may open sockets, with a token or a ticket of their own. */
  readonly otherOrigins: readonly string[];
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Why somebody was not let in: for the metric and the log, never for them. */
type Refusal = 'nothing' | 'token' | 'cookie' | 'ticket' | 'origin' | 'two callers' | 'role' | 'revoked';

export interface GatewayAuthentication extends Authentication {
  /** Who sent the request. @throws {UnauthorisedError} where nobody known did, {@link ForbiddenError} from a foreign page. */
  identify(request: FastifyRequest): Promise<Caller>;
}

const safeMethods = ['GET', 'HEAD'];

export function createAuthentication(
  access: AccessSettings,
  deps: AuthenticationDeps,
): GatewayAuthentication {
  const refusals = deps.metrics.counter('gateway_refusals_total', {
    help: 'Requests and sockets that were not let in, by what was wrong with them',
    labels: ['reason'],
  });
  const refuse = (reason: Refusal, about: object): void => {
    refusals.inc({ reason });
    deps.log[reason === 'nothing' ? 'debug' : 'info']({ reason, ...about }, 'Refused a caller');
  };

  const valid = createValidity(deps.revocations, () => refuse('revoked', {}));

  const ofToken = async (token: string): Promise<Caller | undefined> =>
    access.tokens === undefined ? undefined : valid(await verifyToken(access.tokens, token));

  const ofCookie = async (headers: IncomingHttpHeaders): Promise<Caller | undefined> => {
    const secret = consoleCookieOf(headers);
    return secret === undefined ? undefined : valid(await readConsoleSession(deps.transport, secret));
  };

  /** By header or cookie; a header that proves nothing is never made good by a cookie. */
  const ofHeaders = async (headers: IncomingHttpHeaders): Promise<Caller | Refusal> => {
    const { authorization } = headers;
    if (authorization === undefined) {
      const caller = await ofCookie(headers);
      return caller ?? (consoleCookieOf(headers) === undefined ? 'nothing' : 'cookie');
    }
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
    const [caller, signedIn] = await Promise.all([
      token === undefined ? undefined : ofToken(token),
      ofCookie(headers),
    ]);
    if (caller === undefined) return 'token';
    return signedIn !== undefined && signedIn.user !== caller.user ? 'two callers' : caller;
  };

  return {
    identify: async (request) => {
      const caller = await ofHeaders(request.headers);
      const about = { address: request.ip, route: request.routeOptions.url };
      if (typeof caller === 'string') {
        refuse(caller, about);
        throw new UnauthorisedError();
      }
      const { origin, host } = request.headers;
      const isBrowsers = caller.via === 'console' && !safeMethods.includes(request.method);
      if (isBrowsers && !deps.isOwnOrigin(origin, host)) {
        refuse('origin', { ...about, origin });
        throw new ForbiddenError(
          'This request does not come from the console: set GATEWAY_URL to its address',
        );
      }
      return caller;
    },

    guard: (needs) => async (request) => {
      // Empty on a public route, whatever the types say.
      const caller: Caller | null = request.caller ?? null;
      if (caller === null) throw new UnauthorisedError();
      // Who is bound to one conversation has no business with what concerns all.
      const isAllowed = mayActAs(caller.role, needs) && (needs === 'user' || caller.session === null);
      if (isAllowed) return;
      refuse('role', { route: request.routeOptions.url, role: caller.role, needs });
      throw new ForbiddenError(`This needs the role ${needs}: you have ${caller.role}`);
    },

    ofUpgrade: async ({ headers, socket }) => {
      const about = { address: socket.remoteAddress, origin: headers.origin };
      const isOurs = deps.isOwnOrigin(headers.origin, headers.host);
      const isLetIn = headers.origin === undefined || isOurs || deps.otherOrigins.includes(headers.origin);
      if (!isLetIn) {
        refuse('origin', about);
        return 'refused';
      }
      const ticket = ticketIn(headers['sec-websocket-protocol']);
      const [byTicket, byHeaders] = await Promise.all([
        ticket === undefined ? undefined : takeTicket(deps.transport, ticket).then(valid),
        ofHeaders(headers),
      ]);
      const outcome = judgeUpgrade({ isOurs, hasTicket: ticket !== undefined, byTicket, byHeaders });
      if (typeof outcome !== 'string') return outcome;
      refuse(outcome, about);
      return outcome === 'nothing' ? 'anonymous' : 'refused';
    },

    verifyToken: async (token) => {
      const caller = await ofToken(token);
      if (caller === undefined) refuse('token', {});
      return caller;
    },

    whenRevoked: (caller, end) => deps.revocations.whenRevoked(caller, end),
  };
}

/**
 * Lets nobody through whose proof was revoked. A signature is good without Redis; where nobody can tell any more what was
 * revoked meanwhile, it proves nothing for now, and the answer is to try again. @throws {UnavailableError}
 */
function createValidity(revocations: Revocations, onRevoked: () => void) {
  return (caller: Caller | undefined): Caller | undefined => {
    if (caller === undefined) return undefined;
    if (!revocations.isFresh)
      throw new UnavailableError(
        'Redis does not answer, and so nobody can tell who may still come in: try again',
      );
    if (!revocations.isRevoked(caller)) return caller;
    onRevoked();
    return undefined;
  };
}

interface Upgrade {
  readonly isOurs: boolean;
  readonly hasTicket: boolean;
  readonly byTicket: Caller | undefined;
  readonly byHeaders: Caller | Refusal;
}

function judgeUpgrade({ isOurs, hasTicket, byTicket, byHeaders }: Upgrade): Caller | Refusal {
  if (hasTicket && byTicket === undefined) return 'ticket';
  if (typeof byHeaders === 'string') {
    // An old cookie beside a good ticket says nothing.
    const isHarmless = byHeaders === 'nothing' || byHeaders === 'cookie';
    return byTicket !== undefined && isHarmless ? byTicket : byHeaders;
  }
  if (byTicket !== undefined) return byTicket.user === byHeaders.user ? byTicket : 'two callers';
  return byHeaders.via === 'console' && !isOurs ? 'origin' : byHeaders;
}

/** `Sec-WebSocket-Protocol: vagent, ticket.<ticket>`: the one header that a browser lets a page set for a socket. */
function ticketIn(protocols: string | undefined): string | undefined {
  const offered = (protocols ?? '').split(',').map((protocol) => protocol.trim());
  return offered.find((protocol) => protocol.startsWith('ticket.'))?.slice('ticket.'.length);
}
