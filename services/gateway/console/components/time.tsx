import { now } from '../clock.ts';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** "3 min ago" by the gateway's clock, with the exact time of this machine's zone on it. `at` is ISO 8601. */
export function Time({ at }: { at: string }) {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={exact.format(ms)}>
      {agoOf(now.value - ms)}
    </time>
  );
}

function agoOf(ms: number): string {
  if (ms < -1_000) return `in ${durationOf(-ms)}`;
  return ms < 5_000 ? 'just now' : `${durationOf(ms)} ago`;
}

/** A length of time in its largest unit: `42 s`, `3 min`, `5 h`, `2 days`. */
export function durationOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}
