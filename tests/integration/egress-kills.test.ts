import { describe, expect, inject, it } from 'vitest';
import { type Entry, encodeEntry } from '#contract/entry';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { SystemProcess } from '../support/system-process.ts';
import { kindOf, openStage, replacedBy, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

function egressOf(stage: Stage): SystemProcess {
  return new SystemProcess('egress-1', 'egress', {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: redisUrl,
    KEY_PREFIX: stage.keyPrefix,
    STREAM_PARTITIONS: '2',
    MATRIX_HOMESERVER: stage.homeserver.url,
    MATRIX_ACCESS_TOKEN: stage.bot.accessToken,
    ADMIN_ROOM_ID: stage.adminRoom,
    LOG_FORMAT: 'json',
  });
}

function entryOf(stage: Stage, turn: string, type: 'reply.drafted' | 'reply.finished', text: string): Entry {
  const body = { reply: turn, text, replyTo: null, revision: 0 };
  return { type, id: `${turn}#${type}`, session: stage.session, turn, at: new Date().toISOString(), body };
}

const publish = (stage: Stage, entry: Entry) => stage.transport.publisher.publish('outbound', entry);

/** What a person sees of the bot's posts: their texts after all edits. */
function shown(events: readonly MatrixEvent[]): unknown[] {
  const texts = new Map<string, unknown>();
  for (const event of events) {
    const target = replacedBy(event);
    const content = (event.content['m.new_content'] ?? event.content) as { body?: unknown };
    texts.set(typeof target === 'string' ? target : event.event_id, content.body);
  }
  return [...texts.values()];
}

async function finished(stage: Stage): Promise<readonly MatrixEvent[]> {
  return eventually(
    async () => {
      const sent = await stage.sent();
      return kindOf(sent.at(-1)) === 'reply' && sent;
    },
    { withinMs: 20_000 },
  );
}

async function isAcknowledged(stage: Stage): Promise<boolean> {
  const key = stage.transport.keys.stream(partitionOf(stage.session, 2), 'outbound');
  const [count] = (await stage.transport.redis.xpending(key, 'egress')) as [number];
  return count === 0;
}

describe('egress, killed', () => {
  it.each([
    ['F15', 'egress.before-send'],
    ['F16', 'egress.after-send'],
    ['F18', 'egress.before-ack'],
  ])('%s: posts a reply once when it dies at %s', async (_, failpoint) => {
    await using stage = await openStage(redisUrl);
    const egress = egressOf(stage);
    await egress.start({ FAILPOINT: `${failpoint}:kill` });
    await publish(stage, entryOf(stage, '$turn', 'reply.finished', 'the reply'));
    expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
    await egress.start();
    expect(shown(await finished(stage))).toEqual(['the reply']);
    await eventually(() => isAcknowledged(stage));
    await egress.kill('SIGTERM');
    expect((await stage.sent()).filter((event) => replacedBy(event) === undefined)).toHaveLength(1);
  });

  it.each(['egress.before-send', 'egress.after-send', 'egress.before-ack'])(
    'ends with the final text in one event when it dies at %s of the first draft',
    async (failpoint) => {
      await using stage = await openStage(redisUrl);
      const egress = egressOf(stage);
      await egress.start({ FAILPOINT: `${failpoint}:kill` });
      await publish(stage, entryOf(stage, '$turn', 'reply.drafted', 'half'));
      expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
      await publish(stage, entryOf(stage, '$turn', 'reply.finished', 'half and whole'));
      await egress.start();
      expect(shown(await finished(stage))).toEqual(['half and whole']);
      await eventually(() => isAcknowledged(stage));
      await egress.kill('SIGTERM');
      expect(shown(await stage.sent())).toEqual(['half and whole']);
    },
  );

  it('ends with code 0 on SIGTERM while a draft waits for its turn', async () => {
    await using stage = await openStage(redisUrl);
    const egress = egressOf(stage);
    await egress.start();
    await egress.ready();
    for (let n = 0; n < 4; n++) {
      await publish(stage, { ...entryOf(stage, '$turn', 'reply.drafted', `draft ${n}`), id: `draft-${n}` });
    }
    await eventually(async () => (await stage.sent()).length > 0);
    expect(await egress.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('ends with code 0 on SIGTERM while a 429 makes it wait, and its successor posts once', async () => {
    await using stage = await openStage(redisUrl);
    const egress = egressOf(stage);
    await egress.start();
    await egress.ready();
    await stage.homeserver.script({ action: 'rate-limit', path: '/send/', bodyMs: 60_000 });
    await publish(stage, entryOf(stage, '$turn', 'reply.finished', 'when it may'));
    await eventually(() => stage.homeserver.requests().some(({ path }) => path.includes('/send/')));
    expect(await egress.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await stage.sent()).toEqual([]);
    await egress.start();
    expect(shown(await finished(stage))).toEqual(['when it may']);
    await eventually(() => isAcknowledged(stage));
    await egress.kill('SIGTERM');
  });
});

describe('egress, late', () => {
  const dayAgo = (): number => Date.now() - 21 * 60 * 60_000;

  async function addOld(stage: Stage, entry: Entry, id: string): Promise<void> {
    const key = stage.transport.keys.stream(partitionOf(entry.session, 2), 'outbound');
    await stage.transport.redis.xadd(key, id, ...encodeEntry(entry));
  }

  it('finds in the room what an earlier attempt has sent, once the homeserver may have forgotten it', async () => {
    await using stage = await openStage(redisUrl);
    const [first, second] = [`${dayAgo()}-0`, `${dayAgo()}-1`];
    await stage.bot.send(stage.room, {
      msgtype: 'm.text',
      body: 'sent before',
      'dev.vagent': { kind: 'reply', session: stage.session, turn: '$sent', entry: first },
    });
    await addOld(stage, entryOf(stage, '$sent', 'reply.finished', 'sent before'), first);
    await addOld(stage, entryOf(stage, '$unsent', 'reply.finished', 'sent now'), second);
    await stage.startEgress();
    await eventually(async () => (await stage.sent()).length === 2 && isAcknowledged(stage));
    expect(shown(await stage.sent())).toEqual(['sent before', 'sent now']);
  });
});

describe('egress, refused', () => {
  it('is not ready any more once the homeserver refuses its token, and says what to do', async () => {
    await using stage = await openStage(redisUrl);
    const egress = egressOf(stage);
    const port = String(await freePort());
    await egress.start({ HEALTH_PORT: port });
    const isReady = async (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isReady, { withinMs: 20_000 });
    await stage.bot.request('POST', '/v3/logout', { body: {} });
    await publish(stage, entryOf(stage, '$turn', 'reply.finished', 'never'));
    const [letter] = await eventually(async () => {
      const dead = await stage.dead();
      return dead.length > 0 && dead;
    });
    expect(letter?.join(' ')).toContain('renew MATRIX_ACCESS_TOKEN');
    expect(await isReady()).toBe(false);
    await egress.kill();
    expect(egress.log).toContain('renew it and restart egress');
  });

  it('refuses to start without an admin room, and names all that is missing', async () => {
    await using stage = await openStage(redisUrl);
    const egress = egressOf(stage);
    await egress.start({ ADMIN_ROOM_ID: '', MATRIX_ACCESS_TOKEN: '' });
    expect(await egress.ended()).toEqual({ code: 78, signal: null });
    expect(egress.log).toMatch(/ADMIN_ROOM_ID is missing/);
    expect(egress.log).toMatch(/MATRIX_USER is missing/);
  });
});
