import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type LiveEvent, type ServerFrame, serverFrame } from '../../services/gateway/api/live.ts';
import { eventually } from './eventually.ts';

export interface LiveClient extends AsyncDisposable {
  readonly ws: WebSocket;
  readonly frames: readonly ServerFrame[];
  events(): LiveEvent[];
  /** What was said in replies, in order. */
  texts(): string[];
  send(frame: unknown): void;
  /** The code that the socket was closed with. */
  closed(withinMs?: number): Promise<number>;
  /** Resolves when a frame of this kind has come. */
  has(frame: ServerFrame['frame']): Promise<unknown>;
}

/** A WebSocket client as programs have it: a token in its header, or none. Every frame must be of the contract. */
export function openLiveClient(url: string, session: string | null, token?: string): LiveClient {
  const path = session === null ? '' : `/${encodeURIComponent(session)}`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live${path}`, { headers });
  const frames: ServerFrame[] = [];
  let code: number | undefined;
  ws.on('message', (data) => frames.push(serverFrame.parse(JSON.parse(String(data)))));
  ws.on('close', (closedWith) => {
    code = closedWith;
  });
  // A refused handshake ends in `close` as well.
  ws.on('error', () => undefined);
  const events = () => frames.flatMap((frame) => (frame.frame === 'event' ? [frame.event] : []));
  return {
    ws,
    frames,
    events,
    texts: () => events().flatMap((event) => (event.event === 'reply' ? [event.text] : [])),
    send: (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    closed: async (withinMs = 10_000) => {
      await eventually(() => code !== undefined, { withinMs, what: 'the socket is closed' });
      return code ?? 0;
    },
    has: (wanted) =>
      eventually(() => frames.some(({ frame }) => frame === wanted), { what: `a frame ${wanted}` }),
    [Symbol.asyncDispose]: async () => {
      if (ws.readyState === WebSocket.CLOSED) return;
      const over = once(ws, 'close');
      ws.terminate();
      await over;
    },
  };
}

/** The status of a handshake that is refused; 101 where it is not. */
export async function handshakeStatus(url: string, path: string, headers = {}): Promise<number> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers });
  try {
    return await new Promise<number>((resolve, reject) => {
      ws.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      ws.on('open', () => resolve(101));
      ws.on('error', reject);
    });
  } finally {
    ws.terminate();
  }
}
