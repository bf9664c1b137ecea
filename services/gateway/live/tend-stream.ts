import type { Caller } from '../caller.ts';
import type { RouteDeps } from '../route-deps.ts';
import type { EventStream } from './event-stream.ts';

export interface TendDeps extends Pick<RouteDeps, 'authentication' | 'signal'> {
  readonly caller: Caller;
  readonly heartbeatMs: number;
  /** Where the reader could resume from, told with each heartbeat. */
  readonly cursor: () => string | undefined;
  /** Called once, when the stream is over, whoever ended it. */
  readonly onOver: () => void;
}

/** What a timer can wait for. */
const longestMs = 2 ** 31 - 1;

/**
 * Keeps an event stream alive for as long as its caller's proof of identity counts and the gateway runs. Then it ends with
 * an event that says which of them was over.
 */
export function tendStream(
  stream: EventStream,
  { authentication, signal, caller, heartbeatMs, cursor, onOver }: TendDeps,
): void {
  const dismiss = () => stream.close('unauthorised');
  const leave = () => stream.close('going_away');
  const beat = setInterval(() => {
    // A timer does not count the time for which a machine slept.
    if (Date.now() >= caller.expiresAt) dismiss();
    else stream.comment('heartbeat', cursor());
  }, heartbeatMs);
  const expiry = setTimeout(dismiss, Math.min(caller.expiresAt - Date.now(), longestMs));
  const forget = authentication.whenRevoked(caller, dismiss);
  whenAborted(signal, leave);
  whenAborted(stream.closed, () => {
    signal.removeEventListener('abort', leave);
    forget();
    clearInterval(beat);
    clearTimeout(expiry);
    onOver();
  });
}

function whenAborted(signal: AbortSignal, done: () => void): void {
  if (signal.aborted) done();
  else signal.addEventListener('abort', done, { once: true });
}
