import type { LiveEvent, ServerFrame } from '../api/live.ts';
import { get } from './api.ts';
import { markGateway, markRedis } from './connection.ts';
import { me } from './me.ts';

export interface LiveFollower {
  onEvent(event: LiveEvent): void;
  /** The socket was away for so long, or for all sessions, that something may have been missed: ask for it again. */
  onGap?(): void;
}

/** Of `closeCodes` in the contract, whose module the browser does not load. */
const closeCodes = { unauthorised: 4401, forbidden: 4403 } as const;
const maxWaitMs = 8_000;
/** A socket that lived so long was a good one; one that is closed at once, again and again, is tried ever less often. */
const steadyMs = 10_000;
/** Within this a session's socket catches up by its cursor; a tab that slept longer asks for everything anew. */
const longGapMs = 60_000;

/**
 * Follows one session from behind a cursor, or with `session` null all of them from now. Reconnects by itself, also after
 * the machine has slept for days, until the function that it returns is called.
 */
export function followLive(session: string | null, after: string | null, follower: LiveFollower): () => void {
  const socket = new LiveSocket(session, after, follower);
  return () => socket.stop();
}

class LiveSocket {
  readonly #session: string | null;
  readonly #follower: LiveFollower;
  #cursor: string | null;
  #socket: WebSocket | undefined;
  #heartbeatMs = 25_000;
  #heardAt = Date.now();
  #attempt = 0;
  #steadyFrom = Number.POSITIVE_INFINITY;
  #wasOpen = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #stopping = new AbortController();

  constructor(session: string | null, after: string | null, follower: LiveFollower) {
    this.#session = session;
    this.#cursor = after;
    this.#follower = follower;
    this.#watch = setInterval(() => this.#beat(), 5_000);
    const { signal } = this.#stopping;
    const wake = (): void => this.#wake();
    addEventListener('online', wake, { signal });
    addEventListener('pageshow', wake, { signal });
    document.addEventListener('visibilitychange', wake, { signal });
    this.#connect();
  }

  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const path = this.#session === null ? '' : `/${encodeURIComponent(this.#session)}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live${path}`, ['vagent']);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#take(socket, String(data));
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    };
  }

  #take(socket: WebSocket, data: string): void {
    const awayMs = Date.now() - this.#heardAt;
    this.#heardAt = Date.now();
    // Our own gateway, of the version that served this page, sends what its contract says.
    const frame = JSON.parse(data) as ServerFrame;
    switch (frame.frame) {
      case 'hello':
        this.#greeted(socket, frame.heartbeatSeconds, awayMs);
        break;
      case 'event':
        this.#cursor = frame.event.id;
        this.#follower.onEvent(frame.event);
        break;
      case 'delayed':
        if (frame.because === 'redis') markRedis(false);
        break;
      case 'current':
        this.#cursor = frame.id ?? this.#cursor;
        markRedis(true);
        break;
      case 'pong':
        break;
    }
  }

  #greeted(socket: WebSocket, heartbeatSeconds: number, awayMs: number): void {
    markGateway(true);
    this.#heartbeatMs = heartbeatSeconds * 1_000;
    this.#steadyFrom = Date.now() + steadyMs;
    if (this.#session !== null && this.#cursor !== null) {
      socket.send(JSON.stringify({ frame: 'resume', after: this.#cursor }));
    }
    const mayHaveMissed = this.#wasOpen && (this.#session === null || awayMs > longGapMs);
    this.#wasOpen = true;
    if (mayHaveMissed) this.#follower.onGap?.();
  }

  #lost(code: number): void {
    this.#socket = undefined;
    if (this.#stopping.signal.aborted) return;
    // Not for whoever is signed in: that will not change by trying.
    const isInVain = code === closeCodes.unauthorised && me.peek() === null;
    if (code === closeCodes.forbidden || isInVain) {
      this.stop();
      return;
    }
    // The session may be over, or the gateway away: a socket does not tell, any request finds out and says so.
    get('/api/v1/me').catch(() => undefined);
    if (Date.now() >= this.#steadyFrom) this.#attempt = 0;
    this.#steadyFrom = Number.POSITIVE_INFINITY;
    const waitMs = Math.min(300 * 2 ** this.#attempt, maxWaitMs) * (0.5 + Math.random());
    this.#attempt++;
    this.#retry = setTimeout(() => this.#connect(), waitMs);
  }

  /** A socket can be dead without anybody having said so. */
  #beat(): void {
    const silentMs = Date.now() - this.#heardAt;
    if (this.#socket?.readyState === WebSocket.OPEN) {
      if (silentMs > 2.5 * this.#heartbeatMs) this.#renew();
      else if (silentMs > this.#heartbeatMs / 2) this.#socket.send('{"frame":"ping"}');
    } else if (this.#socket?.readyState === WebSocket.CONNECTING && silentMs > 15_000) this.#renew();
  }

  #wake(): void {
    if (document.visibilityState === 'hidden') return;
    if (this.#retry !== undefined) this.#connect();
    else if (Date.now() - this.#heardAt > 1.5 * this.#heartbeatMs) this.#renew();
  }

  #renew(): void {
    const old = this.#socket;
    this.#socket = undefined;
    old?.close();
    this.#connect();
  }
}
