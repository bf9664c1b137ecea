import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AppserviceRegistration } from '../../services/homeserver/appservice/registration.ts';

export interface SynapseConfig {
  port: number;
  registrationSecret: string;
  appservice?: AppserviceRegistration;
}

const unlimited = { per_second: 100_000, burst_count: 100_000 };

/**
 * Writes all files of a Synapse for tests into `folder`, which Synapse itself will know as `seenAs`: loopback, SQLite,
 * no federation, no rate limits.
 */
export async function writeSynapseConfig(
  folder: string,
  seenAs: string,
  config: SynapseConfig,
): Promise<void> {
  await mkdir(join(folder, 'media'), { recursive: true });
  const key = randomBytes(32).toString('base64').replace(/=+$/, '');
  await writeFile(join(folder, 'signing.key'), `ed25519 a_vagent ${key}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'log.yaml'), stringify(logging));
  if (config.appservice !== undefined) {
    await writeFile(join(folder, 'appservice.yaml'), stringify(config.appservice));
  }
  await writeFile(
    join(folder, 'homeserver.yaml'),
    stringify({ ...settings(seenAs, config), ...rateLimits() }),
  );
}

const logging = {
  version: 1,
  formatters: { line: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'line' } },
  root: { level: 'WARNING', handlers: ['console'] },
  disable_existing_loggers: false,
};

function settings(seenAs: string, config: SynapseConfig): Record<string, unknown> {
  return {
    server_name: 'localhost',
    public_baseurl: `http://127.0.0.1:${config.port}/`,
    pid_file: `${seenAs}/homeserver.pid`,
    report_stats: false,
    suppress_key_server_warning: true,
    enable_registration: false,
    registration_shared_secret: config.registrationSecret,
    macaroon_secret_key: randomBytes(16).toString('hex'),
    form_secret: randomBytes(16).toString('hex'),
    signing_key_path: `${seenAs}/signing.key`,
    media_store_path: `${seenAs}/media`,
    trusted_key_servers: [],
    federation_domain_whitelist: [],
    presence: { enabled: false },
    url_preview_enabled: false,
    log_config: `${seenAs}/log.yaml`,
    database: { name: 'sqlite3', args: { database: `${seenAs}/homeserver.db` } },
    listeners: [
      {
        port: config.port,
        type: 'http',
        tls: false,
        bind_addresses: ['127.0.0.1'],
        x_forwarded: false,
        resources: [{ names: ['client'], compress: false }],
      },
    ],
    app_service_config_files: config.appservice === undefined ? [] : [`${seenAs}/appservice.yaml`],
    experimental_features: {
      msc2409_to_device_messages_enabled: true,
      msc3202_device_masquerading: true,
      msc3202_transaction_extensions: true,
    },
  };
}

/** Synapse's limits would slow every suite down; those of the code under test are played by scripts instead. */
function rateLimits(): Record<string, unknown> {
  const single = [
    'message',
    'registration',
    'registration_token_validity',
    'admin_redaction',
    'joins_per_room',
  ];
  const others = ['3pid_validation', 'room_creation', 'media_create'];
  return {
    ...Object.fromEntries([...single, ...others].map((name) => [`rc_${name}`, unlimited])),
    rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
    rc_joins: { local: unlimited, remote: unlimited },
    rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
  };
}
