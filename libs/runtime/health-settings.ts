import { z } from 'zod';
import { setting } from './setting.ts';

/**
 * `HEALTH_PORT`, by default the service's own, and `HEALTH_HOST`: loopback unless the operator opens it, as a
 * container must with `0.0.0.0` so that its orchestrator can probe.
 */
export function healthSettings(defaultPort: number) {
  return z
    .object({
      HEALTH_PORT: setting.port().default(defaultPort),
      HEALTH_HOST: setting.text('the address to listen on, e.g. 127.0.0.1 or 0.0.0.0').default('127.0.0.1'),
    })
    .transform(({ HEALTH_PORT, HEALTH_HOST }) => ({ port: HEALTH_PORT, host: HEALTH_HOST }));
}
