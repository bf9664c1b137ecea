import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { IngressWorld } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';

const redisUrl = inject('redisUrl');
const hsToken = 'hs-token-of-this-test';
const botId = '@vagent-as:localhost';

/** A homeserver that pushes nothing by itself: the test is what stands in front of the replicas. */
async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-replicas-'));
  const file = join(folder, 'registration.yaml');
  const registration = toRegistration({
    id: 'vagent',
    url: null,
    as_token: 'as-token-of-this-test',
    hs_token: hsToken,
    sender_localpart: 'vagent-as',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: '@_vagent_.*:localhost' }] },
  });
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration));
  const world = await IngressWorld.start(redisUrl, {
    homeserver: { appservices: [registration] },
    env: { MATRIX_ACCESS_TOKEN: '', MATRIX_MODE: 'appservice', MATRIX_APPSERVICE_REGISTRATION: file },
  });
  const bot = new MatrixUser(world.homeserver.url, {
    user_id: botId,
    access_token: registration.as_token,
    device_id: '',
  });
  const ports = [await freePort(), await freePort()] as const;
  const [one, two] = ports;
  return {
    world,
    one,
    two,
    env: (port: number) => ({ APPSERVICE_PORT: String(port), SLOT: `ingress-${port}` }),
    /** What Alice has said in a direct room of hers, as the homeserver would push it. */
    said: async (count: number): Promise<MatrixEvent[]> => {
      const room = await world.alice.createRoom({ invite: [botId] });
      await bot.join(room);
      for (let n = 1; n <= count; n += 1) await world.alice.say(room, `${room} ${n}`);
      const timeline = await world.alice.timeline(room);
      return timeline
        .filter(({ type }) => type === 'm.room.message')
        .map((event) => ({ ...event, room_id: room }));
    },
    put: async (port: number, txn: string, events: readonly MatrixEvent[]): Promise<number | 'cut'> => {
      const answer = fetch(`http://127.0.0.1:${port}/_matrix/app/v1/transactions/${txn}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${hsToken}` },
        body: JSON.stringify({ events }),
      });
      return answer.then(
        ({ status }) => status,
        () => 'cut',
      );
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const idsOf = (events: readonly { event_id: string }[]): string[] => events.map(({ event_id }) => event_id);

/** The ids of what was published, room by room in its order. */
async function publishedByRoom(world: IngressWorld, rooms: readonly (readonly MatrixEvent[])[]) {
  const entries = await world.entriesOf('message.received');
  return rooms.map(([first]) =>
    entries.filter(({ session }) => session.startsWith(first?.room_id ?? '')).map(({ id }) => id),
  );
}

describe('several replicas of ingress behind one address', () => {
  it('F57: take one transaction at the same time, and each again: one outcome for each event, in order', async () => {
    await using place = await start();
    const { world, one, two } = place;
    await world.ingress(place.env(one));
    await world.ingress(place.env(two));
    const rooms = await Promise.all([8, 8, 8].map((count) => place.said(count)));
    const events = rooms.flat();
    const answers = await Promise.all([one, two, one, two].map((port) => place.put(port, 'same', events)));
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(await publishedByRoom(world, rooms)).toEqual(rooms.map(idsOf));
    expect((await world.entries()).length).toBe(events.length);
  });

  it('F57: take transactions in turns, each as it comes, and keep the order of every room', async () => {
    await using place = await start();
    const { world, one, two } = place;
    await world.ingress(place.env(one));
    await world.ingress(place.env(two));
    const rooms = await Promise.all([9, 9].map((count) => place.said(count)));
    for (let from = 0; from < 9; from += 3) {
      const events = rooms.flatMap((room) => room.slice(from, from + 3));
      expect(await place.put(from % 2 === 0 ? one : two, `txn-${from}`, events)).toBe(200);
    }
    expect(await publishedByRoom(world, rooms)).toEqual(rooms.map(idsOf));
  });

  it('F02: one is killed in the middle of a transaction, the other gets it again: nothing lost, nothing twice', async () => {
    await using place = await start();
    const { world, one, two } = place;
    const room = await place.said(4);
    const doomed = world.process({ ...place.env(one), FAILPOINT: 'ingress.mid-batch:kill' });
    await eventually(async () => (await place.put(one, 'one', room)) === 'cut' && doomed.signalCode, {
      withinMs: 30_000,
      what: 'the first replica died of the transaction',
    });
    expect(doomed.signalCode).toBe('SIGKILL');
    const [published = []] = await publishedByRoom(world, [room]);
    expect(published.length).toBeLessThan(4);
    await world.ingress(place.env(two));
    expect(await place.put(two, 'one', room)).toBe(200);
    expect(await publishedByRoom(world, [room])).toEqual([idsOf(room)]);
  });
});
