import { readFileSync } from 'node:fs';
import { type AppserviceRegistration, parseRegistration } from './appservice/registration.ts';
import { HomeserverConfigError } from './errors.ts';

/** What can be set on the embedded homeserver. Everything has a default that suits a test. */
export interface HomeserverConfig {
  /** The part of ids after the colon. Default `localhost`. */
  serverName?: string;
  /** Must be loopback. Default `127.0.0.1`. */
  host?: string;
  /** Default 0: a free port. */
  port?: number;
  /** Folder that keeps everything over a restart; without it everything is in memory. */
  dataDir?: string;
  /** Room version of rooms created without `room_version`. Default `12`. */
  defaultRoomVersion?: string;
  appservices?: AppserviceRegistration[];
  /** Secret of `/_synapse/admin/v1/register`; without it that route is switched off. */
  registrationSecret?: string;
  /** Whether anyone may register with `m.login.dummy`. Default true. */
  openRegistration?: boolean;
  /** Token of `POST /_vagent/script`; without it that route does not exist. */
  scriptToken?: string;
  /** Largest upload in bytes. Default 50 MiB. */
  maxUploadBytes?: number;
  /** Largest JSON body in bytes. Default 200 times the event limit, as Synapse. */
  maxBodyBytes?: number;
  /** One step of the appservice backoff, which waits 2^n steps. Default 1000 ms. */
  backoffUnitMs?: number;
}

export type ResolvedConfig = Required<
  Omit<HomeserverConfig, 'dataDir' | 'registrationSecret' | 'scriptToken'>
> &
  Pick<HomeserverConfig, 'dataDir' | 'registrationSecret' | 'scriptToken'>;

/** Bytes of one event, as the specification limits them. */
export const maxEventBytes = 65_536;

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Fills in the defaults; refuses any host but loopback, because this homeserver is for development only. */
export function resolveConfig(config: HomeserverConfig): ResolvedConfig {
  const host = config.host ?? '127.0.0.1';
  if (!loopback.test(host)) {
    throw new HomeserverConfigError(
      `The development homeserver listens on loopback only, not on ${host}. Use 127.0.0.1, or run Synapse.`,
    );
  }
  return {
    serverName: 'localhost',
    port: 0,
    defaultRoomVersion: '12',
    appservices: [],
    openRegistration: true,
    maxUploadBytes: 50 * 1024 * 1024,
    maxBodyBytes: 200 * maxEventBytes,
    backoffUnitMs: 1000,
    ...config,
    host,
  };
}

/** The standalone server's settings from HOMESERVER_* and MATRIX_APPSERVICE_REGISTRATION. */
export function readConfig(env: NodeJS.ProcessEnv): HomeserverConfig {
  const port = Number(env['HOMESERVER_PORT'] ?? 8008);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new HomeserverConfigError(`HOMESERVER_PORT is "${env['HOMESERVER_PORT']}"; give a port number.`);
  }
  const registrationFile = env['MATRIX_APPSERVICE_REGISTRATION'];
  return {
    port,
    serverName: env['HOMESERVER_NAME'] ?? 'localhost',
    ...optional('dataDir', env['HOMESERVER_DATA']),
    ...optional('host', env['HOMESERVER_HOST']),
    ...optional('scriptToken', env['HOMESERVER_SCRIPT_TOKEN']),
    ...optional('registrationSecret', env['HOMESERVER_REGISTRATION_SECRET']),
    appservices: registrationFile ? [readRegistration(registrationFile)] : [],
  };
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  // The computed key makes TypeScript widen the literal's type to an index signature.
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]?: string });
}

function readRegistration(file: string): AppserviceRegistration {
  try {
    return parseRegistration(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HomeserverConfigError(`MATRIX_APPSERVICE_REGISTRATION: cannot use ${file}: ${reason}`);
  }
}
