import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { z } from 'zod';
import { limitSettings } from '#operations/limits/limit-settings';
import { privacySettings } from '#privacy/privacy-settings';
import { logSettings } from '#runtime/log-settings';
import { payloadSettings } from '#runtime/payload-settings';
import { redisSettings } from '#runtime/redis-settings';
import { setting } from '#runtime/setting';
import { tracingSettings } from '#runtime/tracing-settings';
import { accessSettings } from './auth/access-settings.ts';
import { liveSettings } from './live/live-limits.ts';

const listenSettings = z
  .object({
    GATEWAY_PORT: setting.port().default(8000),
    GATEWAY_HOST: setting.text('the address to listen on, e.g. 127.0.0.1 or 0.0.0.0').default('127.0.0.1'),
    GATEWAY_URL: setting.url().optional(),
    TRUSTED_PROXIES: setting.list('addresses or networks, e.g. 10.0.0.0/8', isNetwork).default([]),
    METRICS_TOKEN: setting
      .secret('a token of at least 16 characters', (text) => text.length >= 16, { isBlankRefused: true })
      .optional(),
  })
  .transform((values) => ({
    port: values.GATEWAY_PORT,
    host: values.GATEWAY_HOST,
    url: values.GATEWAY_URL === undefined ? undefined : new URL(values.GATEWAY_URL).origin,
    trustedProxies: values.TRUSTED_PROXIES,
    metricsToken: values.METRICS_TOKEN,
  }));

const requestSettings = z
  .object({
    CALLER_REQUESTS_PER_MINUTE: setting.integer({ min: 1 }).default(600),
    ADDRESS_REQUESTS_PER_MINUTE: setting.integer({ min: 1 }).default(3_000),
    SIGN_INS_PER_MINUTE: setting.integer({ min: 1 }).default(20),
  })
  .transform((values) => ({
    perCaller: values.CALLER_REQUESTS_PER_MINUTE,
    perAddress: values.ADDRESS_REQUESTS_PER_MINUTE,
    signIns: values.SIGN_INS_PER_MINUTE,
  }));

/**
 * The environment of the gateway. Nobody gets in unless it says how: by tokens, by OIDC or by single-use links.
 * `GATEWAY_URL` is what people type where that is not a name of this machine; `TRUSTED_PROXIES` are believed about the
 * address of whoever asks; `CORS_ORIGINS` are the other origins whose pages may call the API with a token.
 */
export const gatewayConfig = z.object({
  log: logSettings,
  redis: redisSettings,
  payload: payloadSettings,
  privacy: privacySettings,
  tracing: tracingSettings,
  listen: listenSettings,
  access: accessSettings,
  limits: requestSettings,
  messages: limitSettings,
  live: liveSettings,
  CORS_ORIGINS: setting.list('origins, e.g. https://app.example.org', isOrigin).default([]),
  SLOT: setting.text('a stable name of this replica').default(hostname()),
});
export type GatewayConfig = z.output<typeof gatewayConfig>;

function isOrigin(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.origin === text;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  if (most === undefined || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}
