import { computed, signal } from '@preact/signals';

/** What the console cannot reach, and since when (by the epoch, in ms). */
export interface Away {
  readonly what: 'gateway' | 'redis';
  readonly since: number;
}

const gatewayAway = signal<number | null>(null);
const redisAway = signal<number | null>(null);

/** Null while all is well. */
export const away = computed<Away | null>(() => {
  if (gatewayAway.value !== null) return { what: 'gateway', since: gatewayAway.value };
  if (redisAway.value !== null) return { what: 'redis', since: redisAway.value };
  return null;
});

/** Grows each time that something has come back: what is on the screen may be old, and is asked for again. */
export const recoveries = signal(0);

let probing: ReturnType<typeof setTimeout> | undefined;

export function markGateway(isReachable: boolean): void {
  mark(gatewayAway, isReachable);
}

export function markRedis(isReachable: boolean): void {
  mark(redisAway, isReachable);
}

/** What an answer tells of both. A 503 that is no JSON is a proxy's, which finds no gateway behind it. */
export function markAnswer({ status, headers }: Pick<Response, 'status' | 'headers'>): void {
  const isOurs = headers.get('content-type')?.includes('json') === true;
  if (status === 502 || status === 504 || (status === 503 && !isOurs)) {
    markGateway(false);
    return;
  }
  // Redis first: a gateway that is back without it has recovered nothing.
  markRedis(status !== 503);
  markGateway(true);
}

function mark(which: typeof gatewayAway, isReachable: boolean): void {
  if (isReachable === (which.peek() === null)) return;
  which.value = isReachable ? null : Date.now();
  if (!isReachable) probeSoon(0);
  else if (away.peek() === null) {
    clearTimeout(probing);
    probing = undefined;
    recoveries.value++;
  }
}

/** Asks again and again, a little slower each time and never in step with other consoles. */
function probeSoon(attempt: number): void {
  clearTimeout(probing);
  const waitMs = Math.min(500 * 1.5 ** attempt, 5_000) * (0.6 + Math.random() * 0.8);
  probing = setTimeout(() => void probe(attempt), waitMs);
}

async function probe(attempt: number): Promise<void> {
  if (away.peek() === null) return;
  try {
    // 401 is an answer: it is the session that has ended, not the gateway.
    markAnswer(await fetch('/api/v1/me', { signal: AbortSignal.timeout(5_000) }));
  } catch {
    markGateway(false);
  }
  if (away.peek() !== null) probeSoon(attempt + 1);
}
