import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { sessionId } from '#contract/session-id';
import type { Metrics } from '#runtime/create-metrics';
import { isRedisUnavailable } from '#streams/redis-errors';
import type { Caller } from '../caller.ts';
import { UnavailableError } from '../errors.ts';
import { LiveSocket, type SocketDeps } from './live-socket.ts';

export interface DoorDeps extends Omit<SocketDeps, 'onClosed' | 'onKnown'> {
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

const path = '/api/v1/live';
const lookEveryMs = 1_000;
/** A token, and the braces around it. */
const frameBytes = 16 * 1_024;
const words: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/**
 * Takes the WebSockets of the server: `/api/v1/live/:session`, and `/api/v1/live` for all sessions. Who comes with
 * credentials that prove nothing, or from a foreign page, is refused before there is a socket.
 */
export function openSocketDoor(server: Server, deps: DoorDeps): void {
  const { metrics, signal, log, limits, places } = deps;
  const sockets = new Set<LiveSocket>();
  const unknown = new Set<LiveSocket>();
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    handleProtocols: (offered) => (offered.has('vagent') ? 'vagent' : false),
  });
  metrics.gauge('gateway_sockets', {
    help: 'Open WebSockets.',
    collect: (gauge) => gauge.set(sockets.size),
  });
  const closed = metrics.counter('gateway_sockets_closed_total', {
    help: 'WebSockets that ended, by what ended them.',
    labels: ['reason'],
  });
  const onClosed: SocketDeps['onClosed'] = (socket, reason) => {
    sockets.delete(socket);
    unknown.delete(socket);
    closed.inc({ reason });
  };
  const socketDeps: SocketDeps = { ...deps, onClosed, onKnown: (socket) => unknown.delete(socket) };
  const isFull = (caller: Caller | undefined): boolean =>
    caller === undefined ? unknown.size >= limits.mostUnknown : places.taken >= limits.most;

  const take = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const session = sessionOf(request.url ?? '');
    if (typeof session === 'number') return refuse(socket, session);
    const who = await deps.authentication.ofUpgrade(request);
    if (who === 'refused') return refuse(socket, 401);
    const caller = who === 'anonymous' ? undefined : who;
    if (signal.aborted || isFull(caller)) return refuse(socket, 503);
    if (socket.destroyed) return;
    acceptor.handleUpgrade(request, socket, head, (ws) => {
      const opened = new LiveSocket(ws, session.session, caller, socketDeps);
      sockets.add(opened);
      if (caller === undefined) unknown.add(opened);
    });
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that is gone already has nothing more to be told.
    socket.on('error', () => socket.destroy());
    take(request, socket, head).catch((error: unknown) => {
      const isAway = error instanceof UnavailableError || isRedisUnavailable(error);
      if (!isAway) log.error({ err: error }, 'A socket could not be opened');
      refuse(socket, isAway ? 503 : 500);
    });
  };
  const timer = setInterval(() => {
    for (const socket of sockets) socket.look();
  }, lookEveryMs);
  server.on('upgrade', onUpgrade);
  const stop = () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close('goingAway');
  };
  signal.addEventListener('abort', stop, { once: true });
}

/** The session that the path names; null for all of them. A number is the status of the refusal. */
function sessionOf(url: string): { session: string | null } | 404 | 400 {
  const [asked = ''] = url.split('?', 1);
  if (asked === path) return { session: null };
  if (!asked.startsWith(`${path}/`)) return 404;
  try {
    const session = sessionId.safeParse(decodeURIComponent(asked.slice(path.length + 1)));
    return session.success ? { session: session.data } : 400;
  } catch {
    // A broken escape.
    return 400;
  }
}

function refuse(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const retry = status === 503 ? 'Retry-After: 5\r\n' : '';
  socket.end(
    `HTTP/1.1 ${status} ${words[status] ?? ''}\r\nConnection: close\r\n${retry}Content-Length: 0\r\n\r\n`,
  );
  socket.once('finish', () => socket.destroy());
}
