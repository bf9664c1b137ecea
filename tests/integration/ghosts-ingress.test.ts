import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');
const botId = '@vagent-as:localhost';
const ghostId = '@_vagent_billing:localhost';

/** A room of Alice, Bob if wanted, the bot, and the ghost of the agent billing; ingress listens as an appservice. */
async function start(options: { withBob: boolean; env?: Record<string, string> }) {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-ghosts-'));
  const file = join(folder, 'registration.yaml');
  const registration = toRegistration({
    id: 'vagent',
    url: `http://127.0.0.1:${port}`,
    as_token: 'as-token-of-this-test',
    hs_token: 'hs-token-of-this-test',
    sender_localpart: 'vagent-as',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: '@_vagent_.*:localhost' }] },
  });
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration));
  const world = await IngressWorld.start(redisUrl, {
    homeserver: { appservices: [registration] },
    env: {
      MATRIX_ACCESS_TOKEN: '',
      MATRIX_MODE: 'appservice',
      MATRIX_APPSERVICE_REGISTRATION: file,
      APPSERVICE_PORT: String(port),
      ...options.env,
    },
  });
  const { alice, bob, homeserver } = world;
  const token = { access_token: registration.as_token, device_id: '' };
  const bot = new MatrixUser(homeserver.url, { user_id: botId, ...token });
  const body = {
    type: 'm.login.application_service',
    username: '_vagent_billing',
    device_id: 'VAGENT_EGRESS',
  };
  const made = await bot.request('POST', '/v3/register', { body });
  const ghost = new MatrixUser(homeserver.url, {
    user_id: ghostId,
    access_token: String(made['access_token']),
    device_id: 'VAGENT_EGRESS',
  });
  const name = `/v3/profile/${encodeURIComponent(ghostId)}/displayname`;
  await ghost.request('PUT', name, { body: { displayname: 'Billing' } });
  const invited = [botId, ghostId, ...(options.withBob ? [bob.userId] : [])];
  const room = await alice.createRoom({ preset: 'private_chat', invite: invited });
  for (const user of [bot, ghost, ...(options.withBob ? [bob] : [])]) await user.join(room);
  const ingress = await world.ingress();
  await ingress.ready();
  const ignored = async (reason: string): Promise<boolean> =>
    new RegExp(`vagent_ingress_ignored_total\\{reason="${reason}"[^}]*\\} [1-9]`).test(
      await ingress.metrics.registry.metrics(),
    );
  return {
    ...{ world, alice, bob, bot, ghost, room, ingress, ignored },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describe('ghosts at ingress', () => {
  it('are not heard: what they say is the bot’s own', async () => {
    await using place = await start({ withBob: false });
    const { world, ghost, alice, room } = place;
    await ghost.say(room, `${botId} an invoice`);
    await alice.say(room, 'thanks');
    await world.waitForTexts(['thanks']);
    expect(await world.texts()).toEqual(['thanks']);
    await eventually(() => place.ignored('own'));
  });

  it('are no people: a room of one person, the bot and them is direct', async () => {
    await using place = await start({ withBob: false });
    const { world, alice, room } = place;
    await alice.say(room, 'without a mention');
    await world.waitForTexts(['without a mention']);
    expect((await world.entriesOf('message.received')).map(({ body }) => body.direct)).toEqual([true]);
  });

  it('are addressed in place of the bot, by their id, their name, a mention, and a reply to them', async () => {
    await using place = await start({ withBob: true });
    const { world, alice, ghost, room } = place;
    const answer = await ghost.send(room, { msgtype: 'm.text', body: 'the invoice is paid' });
    await alice.say(room, 'not for anybody');
    await alice.say(room, 'how do I pay?', { mention: ghostId });
    await alice.say(room, 'Billing: and by card?');
    await alice.send(room, {
      msgtype: 'm.text',
      body: 'hello there',
      'm.mentions': { user_ids: [ghostId] },
    });
    await alice.send(room, {
      msgtype: 'm.text',
      body: 'which one?',
      'm.relates_to': { 'm.in_reply_to': { event_id: answer } },
    });
    await world.waitForTexts(['how do I pay?', 'and by card?', 'hello there', 'which one?']);
    expect(await world.texts()).not.toContain('not for anybody');
    const received = await world.entriesOf('message.received');
    expect(received.map(({ body }) => body.toAgent)).toEqual(Array(4).fill('billing'));
    await alice.say(room, 'and you?', { mention: botId });
    await world.waitForTexts(['and you?']);
    expect((await world.entriesOf('message.received')).at(-1)?.body).not.toHaveProperty('toAgent');
  });

  it('leave the room with the bot, and what is said there afterwards is no dead letter', async () => {
    await using place = await start({ withBob: true });
    const { world, alice, room } = place;
    await alice.say(room, 'hello', { mention: botId });
    await world.waitForTexts(['hello']);
    const kick = `/v3/rooms/${encodeURIComponent(room)}/kick`;
    await alice.request('POST', kick, { body: { user_id: botId } });
    const isAlone = async (): Promise<boolean> => {
      const { joined } = await alice.request('GET', `/v3/rooms/${encodeURIComponent(room)}/joined_members`);
      return Object.keys(joined ?? {}).length === 2;
    };
    await eventually(isAlone, { what: 'the ghost has left too' });
    await alice.say(room, 'are you there?', { mention: botId });
    const other = await alice.createRoom({ invite: [botId] });
    const isIn = async () => (await alice.timeline(other)).some(({ sender }) => sender === botId);
    await eventually(isIn, { what: 'the bot came into another room' });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('are people like all others where they begin with another prefix than ours', async () => {
    await using place = await start({ withBob: false, env: { GHOST_PREFIX: '_other_' } });
    const { world, ghost, room } = place;
    await ghost.say(room, 'hello', { mention: botId });
    await world.waitForTexts(['hello']);
  });
});
