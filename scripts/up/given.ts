import type { Environment } from '#runtime/read-config';

/** The variable that says where Redis is; undefined where none does. */
export function givenRedis(env: Environment): string | undefined {
  return ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'].find((name) => isSet(env, name));
}

/** The variable that says where the homeserver is; undefined where none does. */
export function givenHomeserver(env: Environment): string | undefined {
  return ['MATRIX_HOMESERVER'].find((name) => isSet(env, name));
}

function isSet(env: Environment, name: string): boolean {
  return Boolean(env[name]?.trim() || env[`${name}_FILE`]?.trim());
}
