import process from 'node:process';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { openCryptoSlot } from '#crypto/open-crypto-slot';
import { connectMatrix } from '#matrix/connect-matrix';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { createLog } from '#runtime/create-log';

/**
 * The process that crypto-kills.test.ts starts and kills: holds one device, and sends `COUNT` encrypted messages into a
 * room, each under a transaction id of its own, from the first on at every start: as egress does.
 */
const env = z
  .object({
    REDIS_URL: z.string(),
    PREFIX: z.string(),
    HOMESERVER: z.string(),
    STORE_KEY: z.string(),
    ROOM: z.string(),
    DEVICE: z.string(),
    COUNT: z.coerce.number(),
  })
  .parse(process.env);

const log = createLog({ service: 'fixture', format: 'json', level: 'warn' });
const redis = new Redis(env.REDIS_URL);
const keys = createKeys(env.PREFIX);
const stop = new AbortController();
const connect = (deviceId: string) => {
  const plain = (text: string): string => text;
  const tokens = createRedisTokenStore({ redis, key: keys.token('bot', deviceId), seal: plain, open: plain });
  const access = { kind: 'password', user: 'bot', password: 'pw-bot' } as const;
  return connectMatrix({ homeserver: env.HOMESERVER, access, deviceId }, { tokens, log });
};
const sender = await connect('SENDER');
await using slot = openCryptoSlot({
  ...{ devices: [env.DEVICE], userId: sender.userId, connect, redis, keys, storeKey: env.STORE_KEY, log },
  ...{ signal: stop.signal, leaseMs: 1_000 },
});
const place = `/_matrix/client/v3/rooms/${encodeURIComponent(env.ROOM)}/send/m.room.encrypted`;
const device = await slot.held(AbortSignal.timeout(60_000));
for (let number = 0; number < env.COUNT; number += 1) {
  const content = { msgtype: 'm.text', body: `message ${number}` };
  const body = await device.encrypt(env.ROOM, 'm.room.message', content, AbortSignal.timeout(60_000));
  await sender.request('PUT', `${place}/job-${number}`, { body });
}
process.stdout.write('sent everything\n');
await slot[Symbol.asyncDispose]();
redis.disconnect();
