import type { Environment } from '#runtime/read-config';

/** What a command reads from and writes to, so that a test can be the terminal. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Environment;
}
