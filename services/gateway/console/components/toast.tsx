import { signal } from '@preact/signals';
import type { Tone } from './badge.tsx';
import { Button } from './button.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

const shownMs = 6_000;
const toasts = signal<readonly Toast[]>([]);
let newest = 0;

/** Tells in passing what has happened; what went wrong stays until it is closed. */
export function tell(text: string, tone: Tone = 'neutral'): void {
  const id = ++newest;
  toasts.value = [...toasts.peek().slice(-2), { id, text, tone }];
  if (tone !== 'bad') setTimeout(() => dismiss(id), shownMs);
}

function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((toast) => toast.id !== id);
}

/** Where toasts appear; once, in the frame. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone }) => (
        <div key={id} class={`toast ${tone}`}>
          <span>{text}</span>
          <Button kind="quiet" size="small" icon="cross" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
