import { z } from 'zod';
import { readState } from './state-folder.ts';

export const runFile = 'run.json';

/** What a running `vagent up` tells other commands; the file is there only while it runs. */
export const runningSystem = z.object({
  pid: z.int(),
  /** What its services were given: where Redis and the homeserver are, and secrets. */
  environment: z.record(z.string(), z.string()),
  services: z.array(z.object({ name: z.string(), healthUrl: z.string() })),
});
export type RunningSystem = z.infer<typeof runningSystem>;

/** The system that `vagent up` runs in this folder; undefined where none runs. */
export async function findRunningSystem(folder: string): Promise<RunningSystem | undefined> {
  const found = await readState(folder, runFile, runningSystem);
  return found !== undefined && isAlive(found.pid) ? found : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
