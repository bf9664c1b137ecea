import { skipRunTrees } from '#agents/skip-run-trees';
import { createLog } from '#runtime/create-log';
import { readConfig } from '#runtime/read-config';
import { runService } from '#runtime/run-service';
import { giveBackMemory } from './memory/give-back-memory.ts';
import { createWorkerService } from './service.ts';
import { workerConfig } from './worker-config.ts';

skipRunTrees();
await runService('worker', () => {
  const { config, warnings, secrets } = readConfig(workerConfig, process.env);
  const log = createLog({ service: 'worker', ...config.log, secrets });
  for (const warning of warnings) log.warn(warning);
  return createWorkerService(config, log);
});
giveBackMemory();
