import process from 'node:process';
import { createLog } from '#runtime/create-log';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { runService } from '#runtime/run-service';
import { SecretScrubber } from '#runtime/secret-scrubber';
import { egressConfig } from './egress-config.ts';
import { EgressService } from './service.ts';

await runService('egress', () => {
  const { config, warnings, secrets } = readConfig(egressConfig, process.env);
  const scrubber = new SecretScrubber(secrets);
  const log = createLog({ service: 'egress', ...config.log, secrets: scrubber });
  for (const warning of warnings) log.warn(warning);
  return new EgressService(config, {
    log,
    metrics: createMetrics({ service: 'egress' }),
    progress: createProgress(),
    onToken: (token) => scrubber.add(token),
  });
});
