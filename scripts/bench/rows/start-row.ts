import { join } from 'node:path';
import { provideHomeserver } from '../../up/provide-homeserver.ts';
import { createGatewayCallers } from '../gateway-callers.ts';
import { median } from '../median.ts';
import type { Row } from '../row.ts';
import { spawnService } from '../spawn-service.ts';

const roles = ['ingress', 'worker', 'egress', 'clock', 'gateway'] as const;
const mostStarts = 5;
const goal = { wants: 'below', goal: 1.5, stretch: 0.8 } as const;

export const startRow: Row = {
  name: 'start',
  measures:
    'from the start of a process to its first answer that it is ready, one at a time, with Redis and homeserver up and its modules compiled before, as `vagent up` starts it; ingress also once with the sync token of an earlier start',
  run: async (bench) => {
    const home = await provideHomeserver({}, join(bench.folder, 'start'), bench.log);
    await using _ = { [Symbol.asyncDispose]: () => home.stop() };
    const access = createGatewayCallers().environment;
    const environment = () => ({ ...bench.environment(bench.newPrefix()), ...home.environment, ...access });
    const seconds = new Map<string, number[]>(roles.map((role) => [role, []]));
    for (let round = 0; round < Math.min(bench.options.rounds, mostStarts); round++) {
      for (const role of roles) {
        await using service = await spawnService(role, environment());
        seconds.get(role)?.push(service.readySeconds);
      }
    }
    const kept = environment();
    // Reads once and keeps its token.
    await (await spawnService('ingress', kept))[Symbol.asyncDispose]();
    await using second = await spawnService('ingress', kept);
    seconds.set('ingress, second time', [second.readySeconds]);
    return [...seconds].map(([what, all]) => {
      const value = median(all);
      const ours = `${value.toFixed(2)} s`;
      return { what: `start of ${what}`, ours, comparedWith: '', value, unit: ' s', goal };
    });
  },
};
