import { z } from 'zod';
import { isFolderLocked } from './lock-folder.ts';
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
  // A run that was killed has left its file, and nothing of its lock.
  return isFolderLocked(folder) ? readState(folder, runFile, runningSystem) : undefined;
}
