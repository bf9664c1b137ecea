import type { IncomingMessage } from 'node:http';
import type { preHandlerAsyncHookHandler } from 'fastify';
import type { Logger } from 'pino';
import type { Privacy } from '#privacy/open-privacy';
import type { Vault } from '#privacy/vault';
import type { Metrics } from '#runtime/create-metrics';
import type { Tracing } from '#runtime/tracing';
import type { Transport } from '#streams/open-transport';
import type { Role } from './api/role.ts';
import type { Caller } from './caller.ts';
import type { Feed } from './live/feed.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `guard`: routes without one have none. */
    caller: Caller;
  }
}

/** Who asks: fails closed, and says no more than that. */
export interface Authentication {
  /** Before a route: 401 without a caller, 403 for one who may not act as `needs`. */
  guard(needs: Role): preHandlerAsyncHookHandler;
  /** Of the request that opens a socket: by header, by cookie from our own page, or by ticket in the subprotocol. */
  ofUpgrade(request: IncomingMessage): Promise<Caller | 'anonymous' | 'refused'>;
  /** Undefined for a token that proves nothing. */
  verifyToken(token: string): Promise<Caller | undefined>;
  /**
   * Calls `end` once when what let the caller in is revoked: at once where it is already, never after the function that it
   * returns was called.
   */
  whenRevoked(caller: Caller, end: () => void): () => void;
}

/** What routes work with. Each takes the smallest part of it that it needs. */
export interface RouteDeps {
  readonly transport: Transport;
  readonly authentication: Authentication;
  readonly feed: Feed;
  readonly privacy: Privacy;
  readonly vault: Vault;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly log: Logger;
  /** Aborted when the gateway stops. */
  readonly signal: AbortSignal;
}
