import { now } from '../clock.ts';
import { durationOf } from './time.tsx';

/** How much time is left, with a bar that runs out. Both times are ISO 8601. */
export function Countdown({ from, to }: { from: string; to: string }) {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const leftMs = end - now.value;
  const part = Math.max(0, Math.min(1, leftMs / Math.max(1, end - begin)));
  const tone = leftMs <= 0 ? 'over' : part < 0.1 || leftMs < 300_000 ? 'urgent' : part < 0.34 ? 'soon' : '';
  return (
    <span class={`countdown ${tone}`} title={`Expires ${new Date(end).toLocaleString()}`}>
      <svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">
        <circle cx="10" cy="10" r="7.5" class="track" />
        <circle cx="10" cy="10" r="7.5" class="left" pathLength="1" stroke-dasharray={`${part} 1`} />
      </svg>
      {leftMs <= 0 ? 'expired' : `${leftOf(leftMs)} left`}
    </span>
  );
}

function leftOf(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds >= 600) return durationOf(ms);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
