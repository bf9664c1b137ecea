import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { openCryptoSlot } from '#crypto/open-crypto-slot';
import { connectMatrix } from '#matrix/connect-matrix';
import type { Transport } from '#streams/open-transport';
import { Person } from '../../chat/person.ts';
import { readPeople } from '../../up/people.ts';
import { type ProvidedHomeserver, provideHomeserver } from '../../up/provide-homeserver.ts';
import type { Bench } from '../bench.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { measureSpeed } from '../measure-speed.ts';
import { median } from '../median.ts';
import type { Result, Row } from '../row.ts';

const deviceId = 'VAGENT_CRYPTO_EGRESS_0';
const events = 200;
const sessions = 5_000;
const flushes = 50;
const content = { msgtype: 'm.text', body: 'An answer of a usual length. '.repeat(12) };
const encryption = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
};

export const encryptRow: Row = {
  name: 'encrypt',
  measures:
    'events that a device encrypts in a second, one after the other in one room, each with its members asked for and stored in Redis before it is handed out, and the bare SDK in memory; then what the store of a device weighs and costs when it knows 5,000 sessions of others',
  run: async (bench) => {
    await initAsync();
    const folder = join(bench.folder, 'encrypt');
    const home = await provideHomeserver({}, folder, bench.log);
    await using _ = { [Symbol.asyncDispose]: () => home.stop() };
    await using transport = await bench.transport(bench.newPrefix());
    const { room, botId, password } = await openRoom(home, join(folder, 'homeserver'));
    const before = process.memoryUsage().rss;
    await using opened = await openSlot(bench, transport, home, { botId, password });
    const { slot, machine } = opened;
    const { signal } = new AbortController();
    const device = await slot.held(signal);
    const bare = await openBare();
    const many = async (work: () => Promise<unknown>): Promise<void> => {
      for (let i = 0; i < events; i++) await work();
    };
    const found = await interleave(bench.options.rounds, {
      ours: () =>
        measureSpeed(events, () => many(() => device.encrypt(room, 'm.room.message', content, signal))),
      bare: () => measureSpeed(events, () => many(bare)),
    });
    const rates = { ours: found.ours.map(({ rate }) => rate), bare: found.bare.map(({ rate }) => rate) };
    const one = process.memoryUsage().rss - before;
    const few = await storeCost(transport, botId, () =>
      device.encrypt(room, 'm.room.message', content, signal),
    );
    await machine().importExportedRoomKeys(await strangers(), () => undefined);
    await device.encrypt(room, 'm.room.message', content, signal);
    const full = await storeCost(transport, botId, () =>
      device.encrypt(room, 'm.room.message', content, signal),
    );
    return [
      {
        what: 'encrypting an event',
        ours: `${median(rates.ours).toFixed(0)} /s`,
        comparedWith: `the SDK in memory, ${median(rates.bare).toFixed(0)} /s`,
        value: ratioOf(rates.ours, rates.bare),
      },
      mebibytes('memory of the first device', one),
      mebibytes(`store of a device with ${sessions} sessions`, full.bytes),
      {
        what: `an event with ${sessions} sessions in the store`,
        ours: `${full.eventMs.toFixed(2)} ms`,
        comparedWith: `with 1, ${few.eventMs.toFixed(2)} ms`,
        value: full.eventMs / few.eventMs,
        goal: { wants: 'below', goal: 1.3 },
      },
    ];
  },
};

function mebibytes(what: string, bytes: number): Result {
  const value = bytes / 2 ** 20;
  return { what, ours: `${value.toFixed(1)} MiB`, comparedWith: '', value, unit: ' MiB' };
}

async function openRoom(home: ProvidedHomeserver, folder: string) {
  const people = await readPeople(folder);
  if (people === undefined) throw new TypeError('The embedded homeserver has people of its own');
  const { you: youAccount, bot } = people;
  const [you, vagent] = await Promise.all(
    [youAccount, bot].map(({ name, password }) => Person.signIn(home.url, name, password)),
  );
  if (you === undefined || vagent === undefined) throw new TypeError('Two people were asked for');
  const room = await you.createRoom({ invite: [vagent.userId], initial_state: [encryption] });
  await vagent.join(room);
  return { room, botId: vagent.userId, password: bot.password };
}

async function openSlot(
  { log }: Bench,
  { redis, keys }: Transport,
  home: ProvidedHomeserver,
  { botId, password }: { botId: string; password: string },
) {
  const ended = new AbortController();
  const opened = Promise.withResolvers<OlmMachine>();
  const tokens = new Map<string, string>();
  const connect = () =>
    connectMatrix(
      { homeserver: home.url, access: { kind: 'password', user: botId, password }, deviceId },
      {
        log,
        tokens: {
          load: async () => tokens.get(deviceId),
          save: async (token) => void tokens.set(deviceId, token),
          exclusively: (work) => work(),
        },
      },
    );
  const slot = openCryptoSlot({
    ...{ devices: [deviceId], userId: botId, connect, redis, keys, log, signal: ended.signal },
    storeKey: randomBytes(32).toString('base64'),
    onOpened: async (machine) => opened.resolve(machine),
  });
  await slot.held(ended.signal);
  const machine = await opened.promise;
  return { slot, machine: () => machine, [Symbol.asyncDispose]: () => slot[Symbol.asyncDispose]() };
}

/** The SDK by itself, with a session that is shared with nobody. */
async function openBare(): Promise<() => Promise<string>> {
  const machine = await OlmMachine.initialize(new UserId('@bare:localhost'), new DeviceId('BARE'));
  const settings = (): EncryptionSettings => {
    const made = new EncryptionSettings();
    made.rotationPeriodMessages = 1_000_000n;
    return made;
  };
  const room = (): RoomId => new RoomId('!bare:localhost');
  await machine.shareRoomKey(room(), [], settings());
  return () => machine.encryptRoomEvent(room(), 'm.room.message', JSON.stringify(content));
}

/** Keys of sessions that others have begun, one for each of many rooms. */
async function strangers(): Promise<string> {
  const machine = await OlmMachine.initialize(new UserId('@stranger:localhost'), new DeviceId('STRANGE'));
  for (let i = 0; i < sessions; i++) {
    await machine.shareRoomKey(new RoomId(`!room${i}:localhost`), [], new EncryptionSettings());
  }
  return machine.exportRoomKeys(() => true);
}

/** What the store weighs in Redis, and what an event takes now. */
async function storeCost({ redis, keys }: Transport, botId: string, encrypt: () => Promise<unknown>) {
  const times: number[] = [];
  for (let i = 0; i < flushes; i++) {
    const startedAt = performance.now();
    await encrypt();
    times.push(performance.now() - startedAt);
  }
  const bytes = Number(await redis.memory('USAGE', keys.cryptoStore(botId, deviceId), 'SAMPLES', 0));
  return { bytes, eventMs: median(times) };
}
