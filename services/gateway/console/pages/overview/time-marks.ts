const minuteMs = 60_000;
const steps = [1, 2, 5, 10, 15, 30, 60];

/** Round times to write under an axis, at most `most` of them, the first not before `from`. By the reader's own clock. */
export function timeMarks(from: number, to: number, most: number): number[] {
  const minutes = (to - from) / minuteMs;
  const step = (steps.find((one) => minutes / one <= Math.max(most, 1)) ?? 60) * minuteMs;
  const zone = new Date(to).getTimezoneOffset() * minuteMs;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step);
}

/** The time of day, as the reader's own clock shows it: `14:05`. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
