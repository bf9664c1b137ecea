import pino from 'pino';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { roomId, userId } from '#contract/matrix-ids';
import { matrixSettings } from '#matrix/matrix-settings';
import { ConfigError } from '#runtime/errors';
import { type Environment, readConfig } from '#runtime/read-config';
import { setting } from '#runtime/setting';
import { connectRedis } from '#streams/connect-redis';
import { RedisSetupError } from '#streams/errors';
import { openTransport, type Transport } from '#streams/open-transport';
import { isRedisUnavailable } from '#streams/redis-errors';
import { redisErrorCode } from '#streams/script';
import { commandEnvironment } from '../cli/command-environment.ts';
import { placeOf, readRedisSettings } from '../cli/open-redis.ts';
import { findRunningSystem } from '../up/running-system.ts';
import { stateFolder } from '../up/state-folder.ts';
import { checkAccount } from './check-account.ts';
import { checkAdminRoom } from './check-admin-room.ts';
import { checkRedis, checkSettings } from './check-redis.ts';
import { checkServices } from './check-services.ts';
import { checkStreams } from './check-streams.ts';
import { checkTimers } from './check-timers.ts';
import { type Finding, fail, ok } from './finding.ts';

const matrixConfig = z.object({
  matrix: matrixSettings,
  ADMIN_ROOM_ID: setting.text('the id of the admin room', (text) => roomId.safeParse(text).success),
  REVIEWERS: setting.list('user ids', (text) => userId.safeParse(text).success).default([]),
});

/** Looks at everything; what is broken hides as little as possible of the rest. Changes nothing. */
export async function examine(env: Environment): Promise<Finding[]> {
  const merged = await commandEnvironment(env);
  const running = await findRunningSystem(stateFolder(env));
  const services = running === undefined ? [] : await checkServices(running);
  const { findings, transport } = await examineRedis(env, merged);
  try {
    return [...services, ...findings, ...(await examineMatrix(merged, transport))];
  } finally {
    await transport?.close();
  }
}

async function examineRedis(
  env: Environment,
  merged: Environment,
): Promise<{ findings: Finding[]; transport: Transport | undefined }> {
  const settings = await readRedisSettings(env);
  const place = placeOf(settings);
  const redis = connectRedis(settings.redis.connection, { name: 'vagent-doctor', onError: () => undefined });
  const findings: Finding[] = [];
  try {
    findings.push(...(await checkRedis(redis, place)));
    const keys = createKeys(settings.redis.keyPrefix);
    const given = merged['STREAM_PARTITIONS'] === undefined ? undefined : settings.redis.partitions;
    const { finding, isSetUp } = await checkSettings(redis, keys, given);
    findings.push(finding);
    if (!isSetUp) return { findings, transport: undefined };
    const partitions = Number(await redis.hget(keys.settings(), 'partitions'));
    const deps = {
      name: 'doctor',
      slot: 'doctor',
      log: pino({ enabled: false }),
      signal: AbortSignal.timeout(10_000),
    };
    const transport = await openTransport({ ...settings, redis: { ...settings.redis, partitions } }, deps);
    findings.push(...(await checkContents(transport)));
    return { findings, transport };
  } catch (error) {
    // Told above, by the check of the version or of the eviction policy.
    if (error instanceof RedisSetupError) return { findings, transport: undefined };
    if (!isRedisUnavailable(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    findings.push(
      fail('Redis', `${place} does not answer (${reason})`, 'Start it, or check REDIS_URL and its password'),
    );
    return { findings, transport: undefined };
  } finally {
    redis.disconnect();
  }
}

/** Closes the transport where it throws: an open connection would keep the command from its end. */
async function checkContents(transport: Transport): Promise<Finding[]> {
  try {
    return [...(await checkStreams(transport)), ...(await checkTimers(transport))];
  } catch (error) {
    if (redisErrorCode(error) === 'WRONGTYPE') return [fail('Keys', ...strangeKey(error, transport))];
    await transport.close();
    throw error;
  }
}

function strangeKey(error: unknown, { keys }: Transport): [says: string, mend: string] {
  const command = error instanceof Error && 'command' in error ? error.command : undefined;
  const { args } = z
    .object({ args: z.array(z.unknown()) })
    .catch({ args: [] })
    .parse(command);
  const key = typeof args[0] === 'string' ? args[0] : `a key beside ${keys.settings()}`;
  return [
    `${key} holds something that no service wrote`,
    `Somebody wrote there by hand. Look with "TYPE ${key}", and delete it: it is made anew`,
  ];
}

async function examineMatrix(env: Environment, transport: Transport | undefined): Promise<Finding[]> {
  let config: z.output<typeof matrixConfig>;
  try {
    ({ config } = readConfig(matrixConfig, env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ name, problem, remedy }) =>
      fail('Configuration', `${name} ${problem}`, remedy),
    );
  }
  const reached = await checkHomeserver(config.matrix.homeserver);
  if (reached.level === 'fail') return [reached];
  const { findings, client } = await checkAccount(config.matrix, transport);
  if (client === undefined) return [reached, ...findings];
  return [reached, ...findings, ...(await checkAdminRoom(client, config.ADMIN_ROOM_ID, config.REVIEWERS))];
}

async function checkHomeserver(url: string): Promise<Finding> {
  const check = 'Homeserver';
  const mend = 'Start it, or check MATRIX_HOMESERVER';
  try {
    const path = `${url.replace(/\/+$/, '')}/_matrix/client/versions`;
    const response = await fetch(path, { signal: AbortSignal.timeout(10_000) });
    return response.ok
      ? ok(check, `answers at ${url}`)
      : fail(check, `${path} answers ${response.status}`, mend);
  } catch (error) {
    return fail(
      check,
      `${url} does not answer (${error instanceof Error ? error.message : String(error)})`,
      mend,
    );
  }
}
