/** A span of time in its largest unit, e.g. `850 ms`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function formatDuration(ms: number): string {
  const units = [
    [24 * 60 * 60 * 1000, 'd'],
    [60 * 60 * 1000, 'h'],
    [60 * 1000, 'min'],
    [1000, 's'],
  ] as const;
  for (const [size, name] of units) {
    if (ms >= size) return `${Math.floor(ms / size)} ${name}`;
  }
  return `${Math.max(0, Math.round(ms))} ms`;
}
