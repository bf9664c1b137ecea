import process from 'node:process';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createGatewayCallers } from './gateway-callers.ts';
import { callerOf, sessionOfCaller } from './socket-session.ts';

/** What the row asks of its clients, and what they tell it. */
const order = z.object({ url: z.string(), secret: z.string(), sockets: z.int().positive() });
const frame = z.object({
  frame: z.string(),
  event: z.object({ event: z.string(), text: z.string().optional() }).optional(),
});

/** So many handshakes are under way at once. */
const atOnce = 100;

/** Both processes are on one machine, thus on one clock. */
const clock = (): number => performance.timeOrigin + performance.now();

const { url, secret, sockets } = order.parse(JSON.parse(process.argv[2] ?? ''));
const callers = createGatewayCallers(secret);
let current = 0;
let broken = 0;

process.once('disconnect', () => process.exit());
const startedAt = clock();
await Promise.all(Array.from({ length: atOnce }, (_, lane) => openEvery(lane)));
process.send?.({ kind: 'open', tookMs: clock() - startedAt });

async function openEvery(lane: number): Promise<void> {
  for (let number = lane; number < sockets; number += atOnce) await open(number);
}

/** Resolves when the gateway has said hello; that the socket is current is told when all are. */
async function open(number: number): Promise<void> {
  const authorization = `Bearer ${await callers.token(callerOf(number))}`;
  const path = encodeURIComponent(sessionOfCaller(number));
  const ws = new WebSocket(`${url}/api/v1/live/${path}`, {
    headers: { authorization },
    perMessageDeflate: false,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  ws.on('message', (data) => {
    const at = clock();
    const parsed = frame.parse(JSON.parse(String(data)));
    if (parsed.frame === 'hello') resolve();
    // Said again with each heartbeat, and of every socket once before the first.
    if (parsed.frame === 'current' && ++current === sockets) process.send?.({ kind: 'current' });
    if (parsed.event?.event !== 'reply') return;
    process.send?.({ kind: 'event', number, tookMs: at - Number(parsed.event.text) });
  });
  ws.on('error', () => undefined);
  ws.on('close', (code) => {
    broken += 1;
    process.send?.({ kind: 'closed', code, broken });
    resolve();
  });
  await promise;
}
