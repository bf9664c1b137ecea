import process from 'node:process';
import { createLog } from '#runtime/create-log';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { runService } from '#runtime/run-service';
import { gatewayConfig } from './gateway-config.ts';
import { GatewayService } from './service.ts';

await runService('gateway', () => {
  const { config, warnings, secrets } = readConfig(gatewayConfig, process.env);
  const log = createLog({ service: 'gateway', ...config.log, secrets });
  for (const warning of warnings) log.warn(warning);
  return new GatewayService(config, {
    log,
    metrics: createMetrics({ service: 'gateway' }),
    progress: createProgress(),
  });
});
