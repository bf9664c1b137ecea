import { signal } from '@preact/signals';

/** How far the gateway's clock is ahead of this machine's, in ms: deadlines are judged by the gateway's. */
const aheadMs = signal(0);

/** The time by the gateway's clock, by the epoch in ms; read in a component it renews itself each second. */
export const now = signal(Date.now());

/** Answers that carry the gateway's time set the clock. */
export function setClock(iso: string): void {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) aheadMs.value = Math.abs(at - Date.now()) < 1_500 ? 0 : at - Date.now();
}

setInterval(() => {
  now.value = Date.now() + aheadMs.peek();
}, 1_000);
