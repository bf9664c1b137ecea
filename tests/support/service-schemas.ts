import type { z } from 'zod';
import { collectFields } from '#runtime/collect-fields';
import { clockConfig } from '../../services/clock/clock-config.ts';
import { egressConfig } from '../../services/egress/egress-config.ts';
import { gatewayConfig } from '../../services/gateway/gateway-config.ts';
import { ingressConfig } from '../../services/ingress/ingress-config.ts';
import { workerConfig } from '../../services/worker/worker-config.ts';

/** The settings of each service, to hold files for deployments to. */
export const serviceSchemas = {
  ingress: ingressConfig,
  worker: workerConfig,
  egress: egressConfig,
  clock: clockConfig,
  gateway: gatewayConfig,
} as const satisfies Record<string, z.ZodObject>;

export type DeployedService = keyof typeof serviceSchemas;

export const deployedServices: readonly DeployedService[] = [
  'ingress',
  'worker',
  'egress',
  'clock',
  'gateway',
];

/** Variables that are no setting of a service but known to the process. */
const ofTheProcess = ['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];

/** Names of variables that mean something to `service`, also with `_FILE`. */
export function knownVariables(service: DeployedService): ReadonlySet<string> {
  const names = collectFields(serviceSchemas[service]).map(({ name }) => name);
  return new Set([...names.flatMap((name) => [name, `${name}_FILE`]), ...ofTheProcess]);
}

/** Names of variables whose value must never stand in a manifest. */
export function secretVariables(): ReadonlySet<string> {
  const fields = deployedServices.flatMap((service) => collectFields(serviceSchemas[service]));
  return new Set(fields.filter(({ note }) => note?.kind === 'secret').map(({ name }) => name));
}
