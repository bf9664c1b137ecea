import type { WebSocket } from 'ws';
import { clientFrame, closeCodes } from '../api/live.ts';
import { mayActAs } from '../api/role.ts';
import { maySee } from '../auth/may-see.ts';
import type { Caller } from '../caller.ts';
import type { RouteDeps } from '../route-deps.ts';
import { type Frames, serverFrameText } from './create-frames.ts';
import type { Restorer } from './create-restorer.ts';
import { createView } from './create-view.ts';
import { createHoldBack, type HoldBack } from './hold-back.ts';
import type { LiveLimits } from './live-limits.ts';
import type { Pacer } from './pacer.ts';
import { pastCursor } from './past-cursor.ts';
import type { Places } from './places.ts';
import { type Pump, startPump } from './pump.ts';

export interface SocketDeps extends Pick<RouteDeps, 'authentication' | 'feed' | 'log'> {
  readonly places: Places;
  readonly pacer: Pacer;
  readonly frames: Frames;
  readonly restorer: Restorer;
  readonly limits: LiveLimits;
  /** It has said who asks, and may. */
  readonly onKnown: (socket: LiveSocket) => void;
  readonly onClosed: (socket: LiveSocket, reason: string) => void;
}

/** A resume may come this long after `hello`; what happens meanwhile is held back. */
const resumeMs = 750;
const mostHeld = 100;
const mostFramesPerSecond = 20;
const lingerMs = 2_000;
/** Policy violation (RFC 6455, 7.4.1). */
const brokenRules = 1008;

/** One WebSocket: says hello to whoever may, hands on what happens, and ends where its limits are. */
export class LiveSocket {
  readonly #ws: WebSocket;
  readonly #session: string | null;
  readonly #deps: SocketDeps;
  readonly #openedAt = performance.now();
  #caller: Caller | undefined;
  #isAuthorising = false;
  #release: (() => void) | undefined;
  #forget: (() => void) | undefined;
  #pump: Pump | undefined;
  readonly #held: HoldBack;
  #heardAt = performance.now();
  #beatAt = performance.now();
  #frames = 0;
  #ending = '';

  /** `session` null: all of them. `caller` undefined: the first frame must say who asks. */
  constructor(ws: WebSocket, session: string | null, caller: Caller | undefined, deps: SocketDeps) {
    this.#ws = ws;
    this.#session = session;
    this.#deps = deps;
    this.#held = createHoldBack((frame) => this.#send(frame), mostHeld);
    ws.on('message', (data, isBinary) => void this.#take(String(data), isBinary));
    ws.on('pong', () => {
      this.#heardAt = performance.now();
    });
    // What the protocol forbids, e.g. a frame that is too large: ws closes it with the right code.
    ws.on('error', () => undefined);
    ws.on('close', (code) => this.#onClose(code));
    if (caller !== undefined) this.#welcome(caller);
  }

  /** Every second: what has run out, and heartbeats. */
  look(): void {
    const { limits } = this.#deps;
    const now = performance.now();
    this.#frames = 0;
    if (this.#ending !== '') return;
    if (this.#caller === undefined) {
      if (now - this.#openedAt >= limits.authoriseMs) this.close('unauthorised');
      return;
    }
    if (Date.now() >= this.#caller.expiresAt) this.close('unauthorised');
    else if (now - this.#heardAt >= limits.idleMs) this.close('idle');
    else if (now - this.#beatAt >= limits.heartbeatMs) this.#beat(now);
  }

  close(why: keyof typeof closeCodes): void {
    this.#end(closeCodes[why], why);
  }

  #welcome(caller: Caller): void {
    const { places, limits } = this.#deps;
    const session = this.#session;
    const isAllowed = session === null ? seesAll(caller) : maySee(caller, session);
    const taken = isAllowed ? places.take(caller.user) : 'forbidden';
    if (typeof taken === 'string') {
      this.close(taken === 'forbidden' ? 'forbidden' : 'tooMany');
      return;
    }
    this.#release = taken;
    this.#caller = caller;
    this.#deps.onKnown(this);
    this.#send(
      serverFrameText({
        frame: 'hello',
        session: session ?? '*',
        heartbeatSeconds: limits.heartbeatMs / 1_000,
      }),
    );
    // There is nothing to resume where all sessions are followed.
    if (session === null) this.#held.release();
    else setTimeout(() => this.#held.release(), resumeMs);
    this.#follow(caller, null);
    this.#forget = this.#deps.authentication.whenRevoked(caller, () => this.close('unauthorised'));
  }

  #follow(caller: Caller, after: string | null): void {
    const { feed, pacer, restorer, frames } = this.#deps;
    this.#pump?.stop();
    this.#pump = startPump({
      feed,
      session: this.#session,
      after,
      pacer,
      view: createView(caller, restorer),
      outlet: {
        buffered: () => this.#ws.bufferedAmount,
        event: (event) => this.#held.tell(frames.socket(event), true),
        delayed: (because) => this.#held.tell(serverFrameText({ frame: 'delayed', because })),
        current: (id) => this.#held.tell(serverFrameText({ frame: 'current', ...(id ? { id } : {}) })),
        tooSlow: () => this.close('tooSlow'),
      },
    });
  }

  #send(frame: string | Buffer): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(frame, { binary: false });
  }

  async #take(text: string, isBinary: boolean): Promise<void> {
    this.#heardAt = performance.now();
    this.#frames += 1;
    if (this.#frames > mostFramesPerSecond) return this.#end(brokenRules, 'too many frames');
    const frame = isBinary ? undefined : parseFrame(text);
    if (frame === undefined) return this.#end(brokenRules, 'no frame of the contract');
    if (frame.frame === 'authorise') return this.#authorise(frame.token);
    const caller = this.#caller;
    if (caller === undefined) return this.close('unauthorised');
    if (frame.frame === 'resume') return this.#resume(caller, frame.after);
    // Whoever does not read gets no answers piled up either.
    if (!this.#deps.pacer.isSlow({ buffered: () => this.#ws.bufferedAmount })) {
      this.#send(serverFrameText({ frame: 'pong' }));
    }
  }

  async #authorise(token: string): Promise<void> {
    if (this.#caller !== undefined || this.#isAuthorising) {
      return this.#end(brokenRules, 'authorised twice');
    }
    this.#isAuthorising = true;
    const caller = await this.#deps.authentication.verifyToken(token).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'A token could not be checked');
      return 'unchecked' as const;
    });
    if (this.#ending !== '') return;
    if (caller === 'unchecked') return this.close('tryAgain');
    if (caller === undefined || caller.expiresAt <= Date.now()) return this.close('unauthorised');
    this.#welcome(caller);
  }

  #resume(caller: Caller, after: string): void {
    if (this.#session === null || this.#held.hasTold) {
      this.#end(brokenRules, 'resume follows hello');
      return;
    }
    try {
      pastCursor(after);
    } catch {
      this.#end(brokenRules, 'no cursor of the past');
      return;
    }
    this.#held.drop();
    this.#follow(caller, after);
  }

  #beat(now: number): void {
    this.#beatAt = now;
    this.#ws.ping();
    const id = this.#pump?.cursor();
    if (id !== undefined) this.#held.tell(serverFrameText({ frame: 'current', id }));
  }

  #end(code: number, reason: string): void {
    if (this.#ending !== '') return;
    this.#ending = reason;
    this.#stop();
    this.#ws.close(code, reason);
    // One that does not read does not answer the close either.
    setTimeout(() => this.#ws.terminate(), lingerMs).unref();
  }

  #stop(): void {
    this.#forget?.();
    this.#pump?.stop();
    this.#release?.();
  }

  #onClose(code: number): void {
    this.#stop();
    const reason = this.#ending || (code === 1009 ? 'too large' : 'by client');
    this.#ending ||= reason;
    this.#deps.onClosed(this, reason);
  }
}

function seesAll(caller: Caller): boolean {
  return caller.session === null && mayActAs(caller.role, 'viewer');
}

function parseFrame(text: string) {
  try {
    return clientFrame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
