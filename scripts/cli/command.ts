import type { Terminal } from './terminal.ts';

export interface Command {
  /** Printed for `--help`. */
  readonly usage: string;
  /** The subcommand of this name, where it has a usage of its own. */
  readonly find?: (name: string) => Promise<Command | undefined>;
  /** Resolves with the exit code: 0 done, 1 it went wrong or something is wrong, 2 not understood, 78 configuration. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}
