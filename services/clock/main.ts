import process from 'node:process';
import { createLog } from '#runtime/create-log';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { runService } from '#runtime/run-service';
import { clockConfig } from './clock-config.ts';
import { ClockService } from './service.ts';

await runService('clock', () => {
  const { config, warnings, secrets } = readConfig(clockConfig, process.env);
  const log = createLog({ service: 'clock', ...config.log, secrets });
  for (const warning of warnings) log.warn(warning);
  return new ClockService(config, {
    log,
    metrics: createMetrics({ service: 'clock' }),
    progress: createProgress(),
  });
});
