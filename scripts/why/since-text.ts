/** Time since a beginning, never wider than nine signs: `+0`, `+12 ms`, `+3.4 s`, `+2:05 min`, `+3:07 h`, `+2 d 4 h`. */
export function sinceText(ms: number): string {
  const sign = ms < 0 ? '-' : '+';
  const span = Math.abs(ms);
  const two = (amount: number): string => String(Math.floor(amount)).padStart(2, '0');
  if (span < 1) return '+0';
  if (span < 1_000) return `${sign}${Math.round(span)} ms`;
  const s = span / 1_000;
  if (s < 60) return `${sign}${s.toFixed(1)} s`;
  if (s < 3_600) return `${sign}${Math.floor(s / 60)}:${two(s % 60)} min`;
  if (s < 86_400) return `${sign}${Math.floor(s / 3_600)}:${two((s % 3_600) / 60)} h`;
  return `${sign}${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3_600)} h`;
}
