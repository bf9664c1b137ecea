import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage now. Needs no flag of Node: V8 hands its function to a context that is made while the flag is set. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  try {
    const collect: unknown = runInNewContext('globalThis.gc');
    if (typeof collect === 'function') collect();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
