import { randomBytes } from 'node:crypto';

/** A key prefix that no other test file uses. */
export function uniquePrefix(name: string): string {
  return `test-${name}-${randomBytes(4).toString('hex')}`;
}
