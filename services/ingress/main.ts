import process from 'node:process';
import { createLog } from '#runtime/create-log';
import { createMetrics } from '#runtime/create-metrics';
import { createProgress } from '#runtime/create-progress';
import { readConfig } from '#runtime/read-config';
import { runService } from '#runtime/run-service';
import { SecretScrubber } from '#runtime/secret-scrubber';
import { ingressConfig } from './ingress-config.ts';
import { IngressService } from './service.ts';

await runService('ingress', () => {
  const { config, warnings, secrets } = readConfig(ingressConfig, process.env);
  const scrubber = new SecretScrubber(secrets);
  const log = createLog({ service: 'ingress', ...config.log, secrets: scrubber });
  for (const warning of warnings) log.warn(warning);
  return new IngressService(config, {
    log,
    metrics: createMetrics({ service: 'ingress' }),
    progress: createProgress(),
    onToken: (token) => scrubber.add(token),
  });
});
