import { z } from 'zod';
import { setting } from './setting.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** TLS with the certificate authorities of the system (and of NODE_EXTRA_CA_CERTS). */
  readonly tls: boolean;
}

/** Where Redis is and how to be let in. */
export type RedisConnection = Access &
  (
    | { readonly form: 'single'; readonly address: RedisAddress; readonly database: number }
    | { readonly form: 'sentinel'; readonly sentinels: readonly RedisAddress[]; readonly masterName: string }
    | { readonly form: 'cluster'; readonly nodes: readonly RedisAddress[] }
  );

const addressForm = 'addresses host:port, e.g. redis-1:6379,redis-2:6379';

const connectionFields = z.object({
  REDIS_URL: setting.url(['redis:', 'rediss:']).optional(),
  REDIS_SENTINELS: setting.list(addressForm, isAddress).optional(),
  REDIS_SENTINEL_NAME: setting.text('the name under which the sentinels watch the master').optional(),
  REDIS_CLUSTER_NODES: setting.list(addressForm, isAddress).optional(),
  REDIS_USERNAME: setting.text('the name of an ACL user of Redis').optional(),
  REDIS_PASSWORD: setting.secret('the password of Redis').optional(),
  REDIS_TLS: setting.boolean().optional(),
});

/**
 * Exactly one of `REDIS_URL`, `REDIS_SENTINELS` with `REDIS_SENTINEL_NAME`, and `REDIS_CLUSTER_NODES`. TLS comes
 * with `rediss://` or `REDIS_TLS`; `REDIS_USERNAME` and `REDIS_PASSWORD` win over those in the URL.
 * `KEY_PREFIX` (default vagent) and `STREAM_PARTITIONS` (default 32).
 */
export const redisSettings = z
  .object({
    connection: connectionFields.transform(toConnection),
    KEY_PREFIX: setting
      .text('letters, digits, dots, underscores and hyphens', (text) => /^[\w.-]+$/.test(text))
      .default('vagent'),
    STREAM_PARTITIONS: setting.integer({ min: 1, max: 16_384 }).default(32),
  })
  .transform(({ connection, KEY_PREFIX, STREAM_PARTITIONS }) => ({
    connection,
    keyPrefix: KEY_PREFIX,
    partitions: STREAM_PARTITIONS,
  }));

type ConnectionFields = z.output<typeof connectionFields>;

function toConnection(fields: ConnectionFields, context: z.core.$RefinementCtx): RedisConnection {
  const forms = (['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'] as const).filter(
    (name) => fields[name],
  );
  const [form, second] = forms;
  const refuse = (name: keyof ConnectionFields, message: string, remedy: string): never => {
    context.addIssue({ code: 'custom', path: [name], message, params: { remedy } });
    return z.NEVER;
  };
  if (form === undefined) {
    return refuse('REDIS_URL', 'is missing', `Set it, e.g. to redis://127.0.0.1:6379, ${otherForms}`);
  }
  if (second !== undefined) {
    return refuse(
      form,
      `is set together with ${second}`,
      'Keep the one that says where Redis is, unset the other',
    );
  }
  const { REDIS_SENTINEL_NAME: masterName, REDIS_USERNAME: username, REDIS_PASSWORD: password } = fields;
  const access = { username, password, tls: fields.REDIS_TLS ?? false };
  if (fields.REDIS_CLUSTER_NODES !== undefined) {
    return { form: 'cluster', nodes: fields.REDIS_CLUSTER_NODES.map(toAddress), ...access };
  }
  if (fields.REDIS_SENTINELS !== undefined) {
    const remedy = 'Set it to the name under which the sentinels watch the master';
    if (masterName === undefined) return refuse('REDIS_SENTINEL_NAME', 'is missing', remedy);
    return { form: 'sentinel', sentinels: fields.REDIS_SENTINELS.map(toAddress), masterName, ...access };
  }
  const single = fromUrl(fields.REDIS_URL ?? '', access);
  return (
    single ??
    refuse('REDIS_URL', 'is not usable', 'Set it to redis[s]://[user:password@]host[:port][/database]')
  );
}

const otherForms = 'or REDIS_SENTINELS and REDIS_SENTINEL_NAME, or REDIS_CLUSTER_NODES';

function fromUrl(url: string, access: Access): RedisConnection | undefined {
  const { hostname, port, pathname, username, password, protocol } = new URL(url);
  const database = pathname.replace(/^\//, '') || '0';
  if (hostname === '' || !/^\d+$/.test(database)) return undefined;
  return {
    form: 'single',
    address: { host: withoutBrackets(hostname), port: Number(port || 6379) },
    database: Number(database),
    username: access.username ?? decoded(username),
    password: access.password ?? decoded(password),
    tls: access.tls || protocol === 'rediss:',
  };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    // Written with a bare percent sign, which can then only mean itself.
    return part;
  }
}

function isAddress(text: string): boolean {
  const parsed = URL.parse(`redis://${text}`);
  return (
    parsed !== null && parsed.hostname !== '' && parsed.username === '' && /^(\/)?$/.test(parsed.pathname)
  );
}

function toAddress(text: string): RedisAddress {
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: withoutBrackets(hostname), port: Number(port || 6379) };
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
