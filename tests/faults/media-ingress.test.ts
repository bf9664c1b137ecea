import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { IngressWorld } from '../integration/ingress-world.ts';
import { eventually } from '../support/eventually.ts';

let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start(inject('redisUrl'));
});
afterAll(() => world[Symbol.asyncDispose]());

async function sendFile(room: string, caption: string): Promise<string> {
  const answer = await fetch(`${world.homeserver.url}/_matrix/media/v3/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.alice.accessToken}` },
    body: 'the text of a file',
  });
  const url = String(Object(await answer.json()).content_uri);
  return world.alice.send(room, { msgtype: 'm.file', body: caption, filename: 'a.txt', url });
}

async function entryOf(event: string) {
  const find = async () => (await world.entriesOf('message.received')).find(({ id }) => id === event);
  return eventually(find, { withinMs: 30_000, what: `${event} is published` });
}

describe('ingress and a media store that is ill', () => {
  it('waits for a file only so long: its message goes on without it, and those behind it follow', async () => {
    const room = await world.room();
    await using ingress = await world.ingress();
    await ingress.ready();
    await world.homeserver.script({ action: 'hang', path: '/media/download/', times: 3 });
    const [first, second] = [await sendFile(room, 'with a file'), await world.alice.say(room, 'behind it')];
    expect((await entryOf(first)).body).toMatchObject({
      text: 'with a file',
      attachments: [{ refused: 'unreachable' }],
    });
    await entryOf(second);
    await world.homeserver.script({ action: 'clear' });
  });

  it('gets a file in the end where the store fails for a moment', async () => {
    const room = await world.room();
    await using ingress = await world.ingress();
    await ingress.ready();
    await world.homeserver.script({
      action: 'fail-before',
      path: '/media/download/',
      status: 502,
      times: 1,
      html: true,
    });
    await world.homeserver.script({ action: 'rate-limit', path: '/media/download/', bodyMs: 100, times: 1 });
    const entry = await entryOf(await sendFile(room, 'with a file again'));
    expect(entry.body.attachments).toMatchObject([{ kept: { mimetype: 'text/plain' } }]);
  });

  it('killed between keeping and publishing, publishes once, with the file', async () => {
    const room = await world.room();
    const dying = world.process({ FAILPOINT: 'ingress.before-publish:kill' });
    const exited = once(dying, 'exit');
    const sent = await sendFile(room, 'through a crash');
    expect((await exited)[1]).toBe('SIGKILL');
    expect((await world.entriesOf('message.received')).map(({ id }) => id)).not.toContain(sent);
    await using ingress = await world.ingress();
    await ingress.ready();
    const entry = await entryOf(sent);
    const id = entry.body.attachments[0]?.kept?.id ?? '';
    const keys = await world.redis.keys(`${world.keys.settings().replace(/settings$/, '')}*:media:${id}`);
    expect(keys).toHaveLength(1);
    expect((await world.entriesOf('message.received')).filter((one) => one.id === sent)).toHaveLength(1);
  });
});
