import { createHash } from 'node:crypto';

/** A number from 0 to `below` - 1 that is always the same for the same parts: made-up data that stays as it is. */
export function demoNumber(below: number, ...parts: readonly string[]): number {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  return hash.readUInt32BE(0) % below;
}
