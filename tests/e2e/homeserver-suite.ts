import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type RecordingAppservice, startRecordingAppservice } from '../support/homeserver-appservice.ts';
import type { HomeserverUnderTest, StartHomeserver } from '../support/homeserver-under-test.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import {
  asGhost,
  at,
  eventsOf,
  ghostPath,
  ghostSays,
  newRoom,
  refusal,
  registerGhost,
  tokenNow,
} from './homeserver-suite-steps.ts';

const roomPath = (roomId: string): string => `/v3/rooms/${encodeURIComponent(roomId)}`;

/** The Matrix behaviour that vagent relies on, run against the embedded homeserver and against Synapse. */
export function describeHomeserver(name: string, start: StartHomeserver): void {
  describe(name, () => {
    let server: HomeserverUnderTest;
    let appservice: RecordingAppservice;
    let alice: MatrixUser;
    let bob: MatrixUser;
    let room: string;
    let names = 0;
    /** Another name each time: a test that runs once more meets nothing of its first try. */
    const fresh = (name: string): string => {
      names += 1;
      return `${name}_${names}`;
    };

    beforeAll(async () => {
      appservice = await startRecordingAppservice();
      server = await start({ appservice: appservice.registration });
      alice = await MatrixUser.register(server.url, 'alice', server);
      bob = await MatrixUser.register(server.url, 'bob', server);
      room = await newRoom(alice, bob);
    });
    afterAll(async () => {
      await server?.stop();
      await appservice?.[Symbol.asyncDispose]();
    });

    it('refuses a missing and an unknown token with 401, an unknown path with 404', async () => {
      const missing = await fetch(`${server.url}/_matrix/client/v3/sync`);
      expect([missing.status, await missing.json()]).toMatchObject([401, { errcode: 'M_MISSING_TOKEN' }]);
      const headers = { authorization: 'Bearer nobody' };
      const unknown = await fetch(`${server.url}/_matrix/client/v3/sync`, { headers });
      expect([unknown.status, await unknown.json()]).toMatchObject([401, { errcode: 'M_UNKNOWN_TOKEN' }]);
      expect(await refusal(alice.request('GET', '/v3/nowhere'))).toEqual([404, 'M_UNRECOGNIZED']);
    });

    it('keeps the device of a login that names it', async () => {
      const again = await MatrixUser.login(server.url, 'bob', { deviceId: 'LAPTOP' });
      const whoami = await again.request('GET', '/v3/account/whoami');
      expect(whoami).toMatchObject({ user_id: bob.userId, device_id: 'LAPTOP' });
    });

    it.each(['11', '12'])(
      'makes a private room of version %s that only the invited may join',
      async (version) => {
        const roomId = await alice.createRoom({
          room_version: version,
          preset: 'private_chat',
          invite: [bob.userId],
        });
        const hasServerName = roomId.endsWith(':localhost');
        expect(hasServerName).toBe(version === '11');
        const carol = await MatrixUser.register(server.url, fresh('carol'), server);
        expect(await refusal(carol.join(roomId))).toEqual([403, 'M_FORBIDDEN']);
        await bob.join(roomId);
        const types = (await bob.timeline(roomId)).map(({ type }) => type);
        expect(types).toEqual([
          'm.room.create',
          'm.room.member',
          'm.room.power_levels',
          'm.room.join_rules',
          'm.room.history_visibility',
          'm.room.guest_access',
          'm.room.member',
          'm.room.member',
        ]);
      },
    );

    it('shows an invite with stripped state, then the joined room as limited with its history', async () => {
      const before = await tokenNow(bob);
      const roomId = await alice.createRoom({ invite: [bob.userId], is_direct: true, name: 'Support' });
      const invited = await bob.sync({ since: before, timeoutMs: 5_000 });
      const stripped = at(invited, 'rooms', 'invite', roomId, 'invite_state', 'events') as MatrixEvent[];
      expect(stripped).toContainEqual(
        expect.objectContaining({
          type: 'm.room.member',
          state_key: bob.userId,
          content: expect.objectContaining({ membership: 'invite', is_direct: true }),
        }),
      );
      const question = await alice.say(roomId, 'said before the join');
      await bob.join(roomId);
      const joined = await bob.sync({ since: String(invited['next_batch']), timeoutMs: 5_000 });
      const timeline = at(joined, 'rooms', 'join', roomId, 'timeline') as {
        limited: boolean;
        events: MatrixEvent[];
      };
      expect(timeline.limited).toBe(true);
      expect(timeline.events.map(({ event_id }) => event_id)).toContain(question);
    });

    it('answers a waiting sync when something is said, and echoes the transaction id to the sender', async () => {
      const since = await tokenNow(alice);
      const waiting = alice.sync({ since, timeoutMs: 10_000 });
      const txnId = fresh('echo');
      const eventId = await alice.send(room, { msgtype: 'm.text', body: 'echo' }, { txnId });
      const [event] = eventsOf(await waiting, room);
      expect(event).toMatchObject({ event_id: eventId, unsigned: { transaction_id: txnId } });
      expect(event).not.toHaveProperty('room_id');
      expect((await bob.event(room, eventId)).unsigned).not.toHaveProperty('transaction_id');
    });

    it('marks a gap as limited and pages it from prev_batch back to the last token', async () => {
      const since = await tokenNow(bob);
      const said: string[] = [];
      for (let i = 0; i < 25; i += 1) said.push(await alice.say(room, `burst ${i}`));
      const synced = await bob.sync({ since });
      const timeline = at(synced, 'rooms', 'join', room, 'timeline') as {
        limited: boolean;
        prev_batch: string;
        events: MatrixEvent[];
      };
      expect([timeline.limited, timeline.events.length]).toEqual([true, 10]);
      const query = { dir: 'b', from: timeline.prev_batch, to: since, limit: '100' };
      const gap = (await bob.request('GET', `${roomPath(room)}/messages`, { query }))[
        'chunk'
      ] as MatrixEvent[];
      const seen = [...gap.reverse(), ...timeline.events].map(({ event_id }) => event_id);
      expect(seen).toEqual(said);
      const filter = { room: { timeline: { limit: 50 } } };
      const wide = await bob.sync({ since, filter });
      expect(at(wide, 'rooms', 'join', room, 'timeline', 'limited')).toBe(false);
    });

    it('returns the first event for a transaction id sent again, also with another body', async () => {
      const txnId = fresh('same');
      const first = await alice.send(room, { msgtype: 'm.text', body: 'once' }, { txnId });
      expect(await alice.send(room, { msgtype: 'm.text', body: 'twice' }, { txnId })).toBe(first);
      const copies = (await alice.timeline(room)).filter(({ content }) => content['body'] === 'twice');
      expect(copies).toEqual([]);
      const phone = await MatrixUser.login(server.url, 'alice', { deviceId: 'PHONE' });
      expect(await phone.send(room, { msgtype: 'm.text', body: 'other device' }, { txnId })).not.toBe(first);
    });

    it('bundles the latest edit and the thread, and refuses a reaction twice', async () => {
      const root = await alice.say(room, 'a question');
      const reaction = await bob.react(room, root, '✅');
      expect(await refusal(bob.react(room, root, '✅'))).toEqual([400, 'M_DUPLICATE_ANNOTATION']);
      const answer = await bob.say(room, 'an answer', { thread: root });
      await alice.edit(room, root, 'a better question');
      const { unsigned } = await alice.event(room, root);
      expect(at(unsigned, 'm.relations', 'm.replace', 'content', 'm.new_content', 'body')).toBe(
        'a better question',
      );
      expect(at(unsigned, 'm.relations', 'm.thread')).toMatchObject({
        count: 1,
        current_user_participated: true,
        latest_event: { event_id: answer },
      });
      const path = `/v1/rooms/${encodeURIComponent(room)}/relations/${encodeURIComponent(root)}/m.annotation`;
      const { chunk } = await alice.request('GET', path);
      expect((chunk as MatrixEvent[]).map(({ event_id }) => event_id)).toEqual([reaction]);
      await bob.redact(room, reaction);
      await bob.react(room, root, '✅');
    });

    it('leaves nothing of a redacted message but who redacted it', async () => {
      const secret = await alice.say(room, 'my password is hunter2');
      expect(await refusal(bob.redact(room, secret))).toEqual([403, 'M_FORBIDDEN']);
      await alice.redact(room, secret, 'typed by mistake');
      const event = await bob.event(room, secret);
      expect(event.content).toEqual({});
      expect(at(event.unsigned, 'redacted_because')).toMatchObject({
        sender: alice.userId,
        redacts: secret,
        content: { reason: 'typed by mistake', redacts: secret },
      });
    });

    it('enforces power levels for state, kicks and bans, and stops a kicked user from sending', async () => {
      const roomId = await newRoom(alice, bob);
      const name = { body: { name: 'mine' } };
      expect(await refusal(bob.request('PUT', `${roomPath(roomId)}/state/m.room.name`, name))).toEqual([
        403,
        'M_FORBIDDEN',
      ]);
      const kickAlice = { body: { user_id: alice.userId } };
      expect(await refusal(bob.request('POST', `${roomPath(roomId)}/kick`, kickAlice))).toEqual([
        403,
        'M_FORBIDDEN',
      ]);
      const since = await tokenNow(bob);
      await alice.request('POST', `${roomPath(roomId)}/kick`, {
        body: { user_id: bob.userId, reason: 'bye' },
      });
      await alice.say(roomId, 'after the kick');
      const left = await bob.sync({ since, timeoutMs: 5_000 });
      const shown = at(left, 'rooms', 'leave', roomId, 'timeline', 'events') as MatrixEvent[];
      expect(shown.at(-1)).toMatchObject({
        sender: alice.userId,
        content: { membership: 'leave', reason: 'bye' },
      });
      expect(await refusal(bob.say(roomId, 'hello?'))).toEqual([403, 'M_FORBIDDEN']);
      await alice.request('POST', `${roomPath(roomId)}/ban`, { body: { user_id: bob.userId } });
      expect(await refusal(bob.join(roomId))).toEqual([
        403,
        expect.stringMatching(/M_FORBIDDEN|M_BAD_STATE/),
      ]);
    });

    it('refuses an event over 64 KiB with 413 and content that is no event with 400', async () => {
      expect(await refusal(alice.say(room, 'x'.repeat(66_000)))).toEqual([413, 'M_TOO_LARGE']);
      expect(await refusal(alice.send(room, { msgtype: 'm.text', body: 'x', n: 1.5 }))).toEqual([
        400,
        'M_BAD_JSON',
      ]);
      const response = await fetch(`${server.url}${ghostPath(room, 'garbage')}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${alice.accessToken}` },
        body: '{not json',
      });
      expect([response.status, await response.json()]).toMatchObject([400, { errcode: 'M_NOT_JSON' }]);
    });

    it('carries typing and threaded receipts to the others', async () => {
      const since = await tokenNow(alice);
      const eventId = await alice.say(room, 'read me');
      await bob.request('PUT', `${roomPath(room)}/typing/${bob.userId}`, {
        body: { typing: true, timeout: 20_000 },
      });
      const receipt = `${roomPath(room)}/receipt/m.read/${encodeURIComponent(eventId)}`;
      await bob.request('POST', receipt, { body: { thread_id: 'main' } });
      const seen = await eventually(async () => {
        const events = at(await alice.sync({ since }), 'rooms', 'join', room, 'ephemeral', 'events');
        const list = events as { type: string; content: Record<string, unknown> }[];
        return list.length >= 2 && list;
      });
      expect(seen).toContainEqual({ type: 'm.typing', content: { user_ids: [bob.userId] } });
      const read = { 'm.read': { [bob.userId]: { ts: expect.any(Number), thread_id: 'main' } } };
      expect(seen).toContainEqual({ type: 'm.receipt', content: { [eventId]: read } });
    });

    it('hands out device keys, each one-time key once, and messages to a device until it has synced past them', async () => {
      const device = await MatrixUser.login(server.url, 'bob');
      const { userId, deviceId } = device;
      const deviceKeys = {
        user_id: userId,
        device_id: deviceId,
        algorithms: ['m.megolm.v1.aes-sha2'],
        keys: { [`ed25519:${deviceId}`]: 'a', [`curve25519:${deviceId}`]: 'b' },
        signatures: { [userId]: { [`ed25519:${deviceId}`]: 'c' } },
      };
      const oneTimeKeys = { 'signed_curve25519:1': { key: 'k1', signatures: {} } };
      const since = await tokenNow(alice);
      const upload = { device_keys: deviceKeys, one_time_keys: oneTimeKeys };
      expect(await device.request('POST', '/v3/keys/upload', { body: upload })).toEqual({
        one_time_key_counts: { signed_curve25519: 1 },
      });
      const changed = await alice.sync({ since, timeoutMs: 5_000 });
      expect(at(changed, 'device_lists', 'changed')).toContain(userId);
      const queried = await alice.request('POST', '/v3/keys/query', {
        body: { device_keys: { [userId]: [] } },
      });
      expect(at(queried, 'device_keys', userId, deviceId, 'keys')).toEqual(deviceKeys.keys);
      const claim = { body: { one_time_keys: { [userId]: { [deviceId]: 'signed_curve25519' } } } };
      const claimed = await alice.request('POST', '/v3/keys/claim', claim);
      expect(at(claimed, 'one_time_keys', userId, deviceId)).toEqual(oneTimeKeys);
      expect((await alice.request('POST', '/v3/keys/claim', claim))['one_time_keys']).toEqual({});
      const deviceSince = await tokenNow(device);
      const messages = { [userId]: { [deviceId]: { secret: 1 } } };
      const path = `/v3/sendToDevice/com.example.hello/${fresh('hello')}`;
      await alice.request('PUT', path, { body: { messages } });
      const received = await device.sync({ since: deviceSince, timeoutMs: 5_000 });
      const hello = { type: 'com.example.hello', sender: alice.userId, content: { secret: 1 } };
      expect(at(received, 'to_device', 'events')).toEqual([hello]);
      expect(at(await device.sync({ since: deviceSince }), 'to_device', 'events')).toEqual([hello]);
      expect(await device.sync({ since: String(received['next_batch']) })).not.toHaveProperty('to_device');
    });

    it('stores files for those with a token only', async () => {
      const bytes = new Uint8Array([0, 1, 2, 250]);
      const upload = await fetch(`${server.url}/_matrix/media/v3/upload?filename=a.bin`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'application/x-thing' },
        body: bytes,
      });
      const { content_uri } = (await upload.json()) as { content_uri: string };
      const path = `/v1/media/download/${content_uri.slice('mxc://'.length)}`;
      const download = await bob.fetch('GET', path);
      expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytes);
      expect((await fetch(`${server.url}/_matrix/client${path}`)).status).toBe(401);
    });

    it('pushes to an appservice in order and again with the same id until it is taken', async () => {
      appservice.answerWith(200);
      const ghost = await registerGhost(server, appservice, fresh('_agent_one'));
      const roomId = await alice.createRoom({ invite: [ghost] });
      const join = await asGhost(
        server,
        appservice,
        'POST',
        `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`,
        ghost,
      );
      expect(join.status).toBe(200);
      appservice.answerWith(500);
      const failedFrom = appservice.received.length;
      const said = [await alice.say(roomId, 'first'), await alice.say(roomId, 'second')];
      await eventually(() => appservice.received.length > failedFrom);
      appservice.answerWith(200);
      const ping = { method: 'POST', body: JSON.stringify({ transaction_id: 'p1' }) };
      const { as_token, hs_token, id } = appservice.registration;
      const headers = { authorization: `Bearer ${as_token}`, 'content-type': 'application/json' };
      const pinged = await fetch(`${server.url}/_matrix/client/v1/appservice/${id}/ping`, {
        ...ping,
        headers,
      });
      expect([pinged.status, await pinged.json()]).toEqual([200, { duration_ms: expect.any(Number) }]);
      expect(appservice.pings).toContainEqual({ transaction_id: 'p1' });
      const taken = (): string[] => {
        const byTxn = new Map(appservice.received.map(({ txnId, events }) => [txnId, events]));
        return [...byTxn.values()].flat().map(({ event_id }) => event_id);
      };
      await eventually(() => said.every((eventId) => taken().includes(eventId)));
      expect(taken().filter((eventId) => said.includes(eventId))).toEqual(said);
      const [refused] = appservice.received.slice(failedFrom);
      expect(appservice.received.filter(({ txnId }) => txnId === refused?.txnId).length).toBeGreaterThan(1);
      expect(refused?.authorization).toBe(`Bearer ${hs_token}`);
    });

    it('takes two ghosts with one transaction id in one room for the same request', async () => {
      const [one, two] = [
        await registerGhost(server, appservice, fresh('_agent_a')),
        await registerGhost(server, appservice, fresh('_agent_b')),
      ];
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      for (const ghost of [one, two]) {
        await asGhost(
          server,
          appservice,
          'POST',
          `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`,
          ghost,
        );
      }
      const first = await ghostSays(server, appservice, roomId, one, 'shared');
      expect(await ghostSays(server, appservice, roomId, two, 'shared')).toBe(first);
    });

    it('remembers a device’s transaction ids over a restart, and forgets those of a ghost without one', async () => {
      const ghost = await registerGhost(server, appservice, fresh('_agent_restart'));
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await asGhost(
        server,
        appservice,
        'POST',
        `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`,
        ghost,
      );
      const mine = await alice.send(roomId, { msgtype: 'm.text', body: 'kept' }, { txnId: 'kept' });
      const its = await ghostSays(server, appservice, roomId, ghost, 'forgotten');
      expect(await ghostSays(server, appservice, roomId, ghost, 'forgotten')).toBe(its);
      await server.restart();
      expect(await alice.send(roomId, { msgtype: 'm.text', body: 'kept' }, { txnId: 'kept' })).toBe(mine);
      expect(await ghostSays(server, appservice, roomId, ghost, 'forgotten')).not.toBe(its);
    });
  });
}
