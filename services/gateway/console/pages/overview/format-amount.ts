const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Bytes as people say them, in steps of 1,024: `812 B`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 1_024 && unit < units.length - 1) {
    amount /= 1_024;
    unit += 1;
  }
  const text = unit === 0 || amount >= 100 ? String(Math.round(amount)) : amount.toFixed(1);
  return `${text} ${units[unit] ?? 'B'}`;
}

/** A count with its thousands apart: `12,480`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-GB');
}

/** An amount of money of the playbook's prices, which name no currency: as many digits as say something. */
export function formatCost(cost: number): string {
  if (cost === 0) return '0';
  if (cost < 0.0001) return '< 0.0001';
  return cost < 1 ? String(Number(cost.toPrecision(2))) : cost.toFixed(2);
}
