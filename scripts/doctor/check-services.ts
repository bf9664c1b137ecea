import type { RunningSystem } from '../up/running-system.ts';
import { type Finding, fail, ok } from './finding.ts';

/** The services of the system that runs in this folder, as they say of themselves. */
export function checkServices({ services }: Pick<RunningSystem, 'services'>): Promise<Finding[]> {
  return Promise.all(
    services.map(async ({ name, healthUrl }) => {
      const mend = 'Look at its log in .vagent/logs, or in the output of "npm start"';
      try {
        const response = await fetch(`${healthUrl}/ready`, { signal: AbortSignal.timeout(5_000) });
        const text = await response.text();
        return response.ok ? ok(name, `ready at ${healthUrl}`) : fail(name, `not ready: ${text}`, mend);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return fail(name, `does not answer at ${healthUrl} (${reason})`, mend);
      }
    }),
  );
}
