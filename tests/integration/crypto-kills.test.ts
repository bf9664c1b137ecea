import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { type CryptoStage, openCryptoStage, placeOf } from './crypto-stage.ts';

const fixture = fileURLToPath(new URL('runtime-crypto-device.ts', import.meta.url));
const count = 4;
let stage: CryptoStage;
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
});
afterEach(() => stage[Symbol.asyncDispose]());

/** Runs the fixture to its end; resolves to its exit code, or the signal that killed it. */
async function run(room: string, failpoint: string): Promise<number | string | null> {
  const env = {
    ...process.env,
    REDIS_URL: inject('redisUrl'),
    PREFIX: stage.prefix,
    HOMESERVER: stage.homeserver.url,
    STORE_KEY: stage.storeKey,
    ROOM: room,
    DEVICE: 'EGRESS_0',
    COUNT: String(count),
    FAILPOINT: failpoint,
  };
  const child = spawn(process.execPath, [fixture], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

it.each([
  // The store is begun; a key is shared; an event is encrypted.
  'crypto.before-flush:kill:1',
  'crypto.after-flush:kill:1',
  'crypto.after-news:kill:1',
  'crypto.before-share:kill:1',
  'crypto.after-encrypt:kill:3',
  'crypto.before-flush:kill:5',
  'crypto.after-flush:kill:6',
])(
  'F17, T24: killed at %s, its successor goes on: everything is read, once, and no index is used twice',
  async (failpoint) => {
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    expect(await run(room, failpoint)).toBe('SIGKILL');
    expect(await run(room, '')).toBe(0);

    const events = (await stage.bot.timeline(room)).filter(({ type }) => type === 'm.room.encrypted');
    const places = events
      .map(({ content }) => placeOf(content))
      .map(({ session, index }) => `${session} ${index}`);
    expect(new Set(places).size).toBe(count);
    const read = (await alice.timeline(room)).filter(({ type }) => type === 'm.room.message');
    expect(read.map(({ content }) => content['body'])).toEqual(
      Array.from({ length: count }, (_, number) => `message ${number}`),
    );
  },
);
