import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Environment, readConfig } from './read-config.ts';
import { redisSettings } from './redis-settings.ts';

const read = (env: Environment) => readConfig(z.object({ redis: redisSettings }), env).config.redis;
const open = { username: undefined, password: undefined, tls: false };

describe('redisSettings', () => {
  it('reads a plain URL and the defaults', () => {
    const address = { host: '127.0.0.1', port: 6379 };
    const connection = { form: 'single', address, database: 0, ...open };
    expect(read({ REDIS_URL: 'redis://127.0.0.1' })).toEqual({
      connection,
      keyPrefix: 'vagent',
      partitions: 32,
    });
  });

  it('takes TLS, user, password, port and database from the URL', () => {
    expect(read({ REDIS_URL: 'rediss://me:p%40ss@[::1]:7000/3' }).connection).toEqual({
      form: 'single',
      address: { host: '::1', port: 7000 },
      database: 3,
      username: 'me',
      password: 'p@ss',
      tls: true,
    });
  });

  it('prefers REDIS_USERNAME and REDIS_PASSWORD to those in the URL', () => {
    const env = { REDIS_URL: 'redis://me:one@host', REDIS_USERNAME: 'other', REDIS_PASSWORD: 'two' };
    expect(read(env).connection).toMatchObject({ username: 'other', password: 'two' });
  });

  it('reads sentinels with the name of their master', () => {
    const env = {
      REDIS_SENTINELS: 's1:26379, [::1]:26380,s3',
      REDIS_SENTINEL_NAME: 'main',
      REDIS_PASSWORD: 'pw',
    };
    expect(read(env).connection).toEqual({
      form: 'sentinel',
      sentinels: [
        { host: 's1', port: 26379 },
        { host: '::1', port: 26380 },
        { host: 's3', port: 6379 },
      ],
      masterName: 'main',
      ...open,
      password: 'pw',
    });
  });

  it('reads cluster nodes', () => {
    const nodes = [{ host: 'a', port: 7001 }];
    const env = {
      REDIS_CLUSTER_NODES: 'a:7001',
      REDIS_TLS: 'true',
      KEY_PREFIX: 'mine',
      STREAM_PARTITIONS: '8',
    };
    const connection = { form: 'cluster', nodes, ...open, tls: true };
    expect(read(env)).toEqual({ connection, keyPrefix: 'mine', partitions: 8 });
  });

  it.each<[string, Environment, string]>([
    ['no form', {}, 'REDIS_URL is missing. Set it, e.g. to redis://127.0.0.1:6379'],
    ['a blank URL', { REDIS_URL: ' ' }, 'REDIS_URL is missing'],
    [
      'two forms',
      { REDIS_URL: 'redis://a', REDIS_SENTINELS: 'b:1' },
      'REDIS_URL is set together with REDIS_SENTINELS',
    ],
    ['sentinels without a name', { REDIS_SENTINELS: 'b:1' }, 'REDIS_SENTINEL_NAME is missing'],
    ['another protocol', { REDIS_URL: 'http://a' }, 'REDIS_URL is not usable'],
    ['a database that is no number', { REDIS_URL: 'redis://a/x' }, 'REDIS_URL is not usable'],
    ['a URL without a host', { REDIS_URL: 'redis:///1' }, 'REDIS_URL is not usable'],
    ['a bad address', { REDIS_CLUSTER_NODES: 'a:7001,b:port' }, 'REDIS_CLUSTER_NODES is "a:7001,b:port"'],
    ['a prefix with braces', { REDIS_URL: 'redis://a', KEY_PREFIX: 'a{b}' }, 'KEY_PREFIX is "a{b}"'],
    ['no partitions', { REDIS_URL: 'redis://a', STREAM_PARTITIONS: '0' }, 'STREAM_PARTITIONS is "0"'],
  ])('refuses %s', (_what, env, message) => {
    expect(() => read(env)).toThrow(message);
  });
});
