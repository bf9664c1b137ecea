import { EventEmitter } from 'node:events';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { eventually } from '../../../tests/support/eventually.ts';
import { closeCodes } from '../api/live.ts';
import type { Caller } from '../caller.ts';
import { UnavailableError } from '../errors.ts';
import { createFrames } from './create-frames.ts';
import { defaultLiveLimits } from './live-limits.ts';
import { LiveSocket, type SocketDeps } from './live-socket.ts';
import { createPacer } from './pacer.ts';
import { createPlaces } from './places.ts';

const session = '!room:localhost:main:@ana:localhost';
const vera: Caller = {
  user: '@vera:localhost',
  name: 'Vera',
  role: 'viewer',
  session: null,
  via: 'token',
  jti: null,
  issuedAt: Date.now(),
  expiresAt: Date.now() + 3_600_000,
};

/** A socket without a network: keeps what it was closed with. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly closedWith: number[] = [];
  send(): void {}
  ping(): void {}
  terminate(): void {}
  close(code: number): void {
    this.closedWith.push(code);
  }
}

function openSocket(caller: Caller | undefined, authentication: Partial<SocketDeps['authentication']> = {}) {
  const ws = new FakeSocket();
  const following = { caughtUp: Promise.resolve(), cursor: () => undefined, stop: () => undefined };
  const deps: SocketDeps = {
    authentication: {
      guard: () => async () => undefined,
      ofUpgrade: async () => 'anonymous',
      verifyToken: async () => undefined,
      whenRevoked: () => () => undefined,
      ...authentication,
    },
    feed: {
      follow: () => following,
      followAll: () => following,
      now: async () => '0-0,0-0,0-0',
      [Symbol.asyncDispose]: async () => undefined,
    },
    log: pino({ level: 'silent' }),
    places: createPlaces(defaultLiveLimits),
    pacer: createPacer(defaultLiveLimits),
    frames: createFrames(),
    restorer: (event) => event,
    limits: defaultLiveLimits,
    onKnown: () => undefined,
    onClosed: () => undefined,
  };
  // What it uses of one.
  return { ws, socket: new LiveSocket(ws as unknown as WebSocket, session, caller, deps) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a live socket', () => {
  it('is not idle because somebody has set the clock of the machine', () => {
    const { ws, socket } = openSocket(vera);
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 2 * defaultLiveLimits.idleMs);
    socket.look();
    expect(ws.closedWith).toEqual([]);
    vi.spyOn(Date, 'now').mockReturnValue(vera.expiresAt);
    socket.look();
    expect(ws.closedWith).toEqual([closeCodes.unauthorised]);
  });

  it('tells who cannot be known at the moment to try again, and who is nobody that they are not', async () => {
    const authorise = JSON.stringify({ frame: 'authorise', token: 'x.y.z' });
    const away = openSocket(undefined, { verifyToken: () => Promise.reject(new UnavailableError('away')) });
    away.ws.emit('message', authorise, false);
    const nobody = openSocket(undefined);
    nobody.ws.emit('message', authorise, false);
    await eventually(() => away.ws.closedWith.length + nobody.ws.closedWith.length === 2);
    expect(away.ws.closedWith).toEqual([closeCodes.tryAgain]);
    expect(nobody.ws.closedWith).toEqual([closeCodes.unauthorised]);
  });
});
