const units = [
  [24 * 60 * 60_000, 'd'],
  [60 * 60_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** A span of time with two figures at least, e.g. `850 ms`, `1.2 s`, `12 s`, `3 min`. */
export function inWords(ms: number): string {
  for (const [size, unit] of units) {
    if (ms < size) continue;
    const amount = ms / size;
    return `${amount < 10 && unit === 's' ? amount.toFixed(1).replace('.0', '') : Math.floor(amount)} ${unit}`;
  }
  return `${Math.max(0, Math.round(ms))} ms`;
}
