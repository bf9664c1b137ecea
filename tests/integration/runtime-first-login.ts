import process from 'node:process';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { connectAccount } from '#matrix/connect-account';
import { createLog } from '#runtime/create-log';

/** The process that matrix-token-store.test.ts starts and kills: logs in as a device, and prints which one it is. */
const env = z
  .object({ REDIS_URL: z.string(), PREFIX: z.string(), HOMESERVER: z.string() })
  .parse(process.env);
const redis = new Redis(env.REDIS_URL);
const plain = (text: string): string => text;
const access = { kind: 'password', user: 'bot', password: 'pw-bot' } as const;
const client = await connectAccount({ homeserver: env.HOMESERVER, access }, 'crypto-ingress', {
  ...{ redis, keys: createKeys(env.PREFIX), sealBody: plain, openBody: plain, onToken: () => undefined },
  log: createLog({ service: 'fixture', format: 'json', level: 'fatal' }),
  signal: new AbortController().signal,
});
process.stdout.write(`${client.deviceId}\n`);
redis.disconnect();
