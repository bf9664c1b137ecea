import type { Terminal } from './terminal.ts';

/** Whether there is a terminal at both ends whose cursor can be moved (TERM=dumb: one that cannot). */
export function hasScreen({ stdin, stdout, env }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env['TERM'] !== 'dumb';
}
