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
    const { status } = await fetch('/api/v1/me', { signal: AbortSignal.timeout(5_000) });
    // 401 is an answer: it is the session that has ended, not the gateway.
    markGateway(status !== 502 && status !== 504);
    markRedis(status !== 503);
  } catch {
    markGateway(false);
  }
  if (away.peek() !== null) probeSoon(attempt + 1);
}
