import { fileURLToPath } from 'node:url';
import type { Environment } from '#runtime/read-config';
import { freePort } from './free-port.ts';

export interface PlannedService {
  /** Unique among all, e.g. `worker-2`. */
  readonly name: string;
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly healthUrl: string;
}

const roles = [
  { role: 'ingress', port: 8080 },
  { role: 'worker', port: 8081 },
  { role: 'egress', port: 8082 },
  { role: 'clock', port: 8083 },
  { role: 'gateway', port: 8000 },
] as const;

/** Names that would point a service of ours at another homeserver or account than ours. */
const matrixNames = /^(MATRIX_|ADMIN_ROOM_ID|REVIEWERS|ALLOWED_|OPEN_ROOMS)/;

/** The processes to run: one of each role, `workers` of the worker, on their usual health ports where these are free. */
export async function planServices(
  given: Environment,
  ours: Readonly<Record<string, string>>,
  workers: number,
): Promise<PlannedService[]> {
  const inherited = toInherit(given, ours);
  const planned: PlannedService[] = [];
  const taken = new Set<number>();
  for (const { role, port } of roles) {
    const replicas = role === 'worker' ? workers : 1;
    for (let replica = 1; replica <= replicas; replica++) {
      const name = replicas === 1 ? role : `${role}-${replica}`;
      const own = await anotherPort(replica === 1 ? port : 0, taken);
      const environment = {
        ...inherited,
        ...ours,
        ...(role === 'gateway' ? doorOf(own, given) : { HEALTH_PORT: String(own), HEALTH_HOST: '127.0.0.1' }),
        LOG_FORMAT: 'json',
        SLOT: name,
        VAGENT_PARENT_PID: String(process.pid),
      };
      const program = fileURLToPath(new URL(`../../services/${role}/main.ts`, import.meta.url));
      planned.push({ name, program, environment, healthUrl: `http://127.0.0.1:${own}` });
    }
  }
  return planned;
}

/** The system may give the same port twice, as long as nobody listens there. */
async function anotherPort(wanted: number, taken: Set<number>): Promise<number> {
  let port = await freePort(wanted);
  while (taken.has(port)) port = await freePort();
  taken.add(port);
  return port;
}

/** On this machine whoever started everything may hand out links to the console, unless they said otherwise. */
function doorOf(port: number, given: Environment): Record<string, string> {
  const links = given['CONSOLE_LINKS'] ?? 'on';
  return { GATEWAY_PORT: String(port), GATEWAY_HOST: '127.0.0.1', CONSOLE_LINKS: links };
}

function toInherit(given: Environment, ours: Readonly<Record<string, string>>): Record<string, string> {
  const isEmbedded = 'MATRIX_HOMESERVER' in ours;
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (isEmbedded && matrixNames.test(name))) continue;
    inherited[name] = value;
  }
  return inherited;
}
