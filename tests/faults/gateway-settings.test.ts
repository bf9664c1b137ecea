import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { ConfigError } from '#runtime/errors';
import { type Environment, readConfig } from '#runtime/read-config';
import { gatewayConfig } from '../../services/gateway/gateway-config.ts';
import { gatewaySecret } from '../support/gateway-access.ts';
import { SystemProcess } from '../support/system-process.ts';

const redisUrl = inject('redisUrl');

describe('T30: settings of security', () => {
  const whole: Environment = {
    REDIS_URL: redisUrl,
    JWT_SECRET: gatewaySecret,
    JWT_ISSUER: 'https://issuer.test',
    JWT_AUDIENCE: 'vagent',
  };
  const oidc: Environment = {
    REDIS_URL: redisUrl,
    OIDC_ISSUER: 'https://id.example.org',
    OIDC_CLIENT_ID: 'vagent',
    OIDC_CLIENT_SECRET: 'a secret of the client',
    OIDC_REDIRECT_URL: 'https://vagent.example.org/api/v1/oidc/callback',
  };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
  const keyed = (JWT_PUBLIC_KEY: string): Environment => ({
    ...whole,
    JWT_SECRET: undefined,
    JWT_PUBLIC_KEY,
  });

  const refused: [string, Environment][] = [
    ['no way in at all', { REDIS_URL: redisUrl }],
    ['links that are off, alone', { REDIS_URL: redisUrl, CONSOLE_LINKS: 'off' }],
    ['links that are blank, alone', { REDIS_URL: redisUrl, CONSOLE_LINKS: ' ' }],
    ['links that are neither on nor off', { ...whole, CONSOLE_LINKS: 'perhaps' }],
    ...(['JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE'] as const).flatMap((name): [string, Environment][] => [
      [`${name} deleted`, { ...whole, [name]: undefined }],
      [`${name} blank`, { ...whole, [name]: '' }],
      [`${name} of blanks`, { ...whole, [name]: '  ' }],
    ]),
    ['a secret that is too short', { ...whole, JWT_SECRET: 'x'.repeat(31) }],
    ['a secret and a key', { ...whole, JWT_PUBLIC_KEY: pem(publicKey) }],
    ['a blank key beside a secret', { ...whole, JWT_PUBLIC_KEY: '' }],
    ['a key that is none', keyed('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')],
    ['a private key', keyed(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())],
    ['a private JWK', keyed(JSON.stringify(privateKey.export({ format: 'jwk' })))],
    ['a shared secret as JWK', keyed('{"kty":"oct","k":"AAAA"}')],
    ['an RSA key of 1024 bits', keyed(pem(weak.publicKey))],
    ['a curve that is not taken', keyed(pem(p384.publicKey))],
    ['a lifetime that is no number', { ...whole, JWT_MAX_LIFETIME_MINUTES: 'long' }],
    ['a lifetime of nothing', { ...whole, JWT_MAX_LIFETIME_MINUTES: '0' }],
    ['a lifetime of a month', { ...whole, JWT_MAX_LIFETIME_MINUTES: '43200' }],
    ...Object.keys(oidc)
      .filter((name) => name !== 'REDIS_URL')
      .flatMap((name): [string, Environment][] => [
        [`${name} deleted`, { ...oidc, [name]: undefined }],
        [`${name} blank`, { ...oidc, [name]: '' }],
      ]),
    ['an OIDC issuer without TLS', { ...oidc, OIDC_ISSUER: 'http://id.example.org' }],
    ['an OIDC issuer that is no URL', { ...oidc, OIDC_ISSUER: 'id.example.org' }],
    ['OIDC without its scope', { ...oidc, OIDC_SCOPES: 'profile' }],
    ['every origin', { ...whole, CORS_ORIGINS: '*' }],
    ['an origin with a path', { ...whole, CORS_ORIGINS: 'https://app.example.org/x' }],
    ['any proxy', { ...whole, TRUSTED_PROXIES: '*' }],
    ['a network that is none', { ...whole, TRUSTED_PROXIES: '10.0.0.0/33' }],
    ['a blank token for metrics', { ...whole, METRICS_TOKEN: '' }],
    ['a short token for metrics', { ...whole, METRICS_TOKEN: 'short' }],
    ['a blank key for payloads', { ...whole, PAYLOAD_KEY: '' }],
    ['a limit that is no number', { ...whole, SIGN_INS_PER_MINUTE: 'few' }],
    ['no limit', { ...whole, CALLER_REQUESTS_PER_MINUTE: '0' }],
    ['an address of the gateway that is no URL', { ...whole, GATEWAY_URL: 'vagent.example.org' }],
  ];

  it.each(refused)('refuses %s', (_, env) => {
    const read = () => readConfig(gatewayConfig, env);
    expect(read).toThrow(ConfigError);
    expect(read).not.toThrow(gatewaySecret);
  });

  it('takes what is whole', () => {
    for (const env of [whole, oidc, keyed(pem(publicKey)), { REDIS_URL: redisUrl, CONSOLE_LINKS: 'on' }]) {
      expect(() => readConfig(gatewayConfig, env)).not.toThrow();
    }
  });

  it('ends the process with 78 and all problems at once, before it listens', async () => {
    const env = { PATH: process.env['PATH'] ?? '', JWT_SECRET: 'short', METRICS_TOKEN: '' };
    const refusing = new SystemProcess('gateway-refusing', 'gateway', env);
    await refusing.start();
    expect(await refusing.ended()).toEqual({ code: 78, signal: null });
    for (const name of ['REDIS_URL', 'JWT_SECRET', 'METRICS_TOKEN']) expect(refusing.log).toContain(name);
    expect(refusing.log).not.toContain('Listening');
  });
});
