import { describe, expect, it } from 'vitest';
import { ConfigError } from '#runtime/errors';
import { readConfig } from '#runtime/read-config';
import { ingressConfig } from './ingress-config.ts';

const env = {
  REDIS_URL: 'redis://127.0.0.1',
  MATRIX_HOMESERVER: 'http://127.0.0.1:8008',
  MATRIX_ACCESS_TOKEN: 'canary',
  ADMIN_ROOM_ID: '!admin:localhost',
};

describe('ingressConfig', () => {
  it('lets nobody in unless told', () => {
    expect(readConfig(ingressConfig, env).config.policy).toEqual({
      adminRoom: '!admin:localhost',
      allowedRooms: [],
      openRooms: [],
      allowedInviters: [],
      reviewers: [],
      decisions: 'any',
    });
  });

  it('reads no encrypted rooms unless it has a key, and waits half a minute for the keys of messages', () => {
    const plain = readConfig(ingressConfig, env).config;
    expect([plain.crypto.storeKey, plain.encrypted.keyWaitMs]).toEqual([undefined, 30_000]);
    const storeKey = Buffer.alloc(32).toString('base64');
    const { config } = readConfig(ingressConfig, {
      ...env,
      CRYPTO_STORE_KEY: storeKey,
      KEY_WAIT_SECONDS: '5',
    });
    expect([config.crypto.storeKey, config.encrypted.keyWaitMs]).toEqual([storeKey, 5_000]);
    expect(() => readConfig(ingressConfig, { ...env, KEY_WAIT_SECONDS: '0' })).toThrow(ConfigError);
  });

  it('takes room ids of every version', () => {
    const rooms = '!old:localhost, !31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM';
    const { policy } = readConfig(ingressConfig, { ...env, ALLOWED_ROOMS: rooms }).config;
    expect(policy.allowedRooms).toEqual(['!old:localhost', '!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM']);
  });

  it('listens for the homeserver on loopback unless told', () => {
    expect(readConfig(ingressConfig, env).config.appservice).toEqual({ host: '127.0.0.1', port: 9000 });
  });

  it.each([
    ['ADMIN_ROOM_ID', ''],
    ['ADMIN_ROOM_ID', '#admin:localhost'],
    ['ALLOWED_ROOMS', 'everywhere'],
    ['ALLOWED_ROOMS', '!a:b,**'],
    ['ALLOWED_INVITERS', 'alice'],
    ['ALLOWED_INVITERS', '@*'],
    ['OPEN_ROOMS', '*'],
    ['APPSERVICE_PORT', 'nine'],
    ['MATRIX_HOMESERVER', 'localhost'],
  ])('refuses %s=%j by its name', (name, value) => {
    const read = () => readConfig(ingressConfig, { ...env, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
  });
});
