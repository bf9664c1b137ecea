import { randomBytes } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { checkOutRelease, hasRelease } from '../support/check-out-release.ts';
import { untilSound } from '../support/rooms-checker.ts';
import { startSystem } from '../support/start-system.ts';
import { answerTo, askForDeletion, exchange, outcomeOf } from '../support/system-talk.ts';

/** The release before this one: the last without a gateway, signed entries and versions of the graph. */
const before = 'b848f5c';
const isThere = await hasRelease(before);
if (!isThere) console.warn(`rolling-upgrade: skipped, this clone does not reach back to ${before}`);

it.skipIf(!isThere)(
  'F52, B8: a rolling upgrade loses nothing: an open flow and a waiting approval end on the new release',
  async () => {
    await using old = await checkOutRelease(before);
    const own = { CHECKOUT: old.path };
    const names = ['ingress-1', 'worker-1', 'worker-2', 'egress-1', 'clock-1'];
    await using system = await startSystem({
      redisUrl: inject('redisUrl'),
      replicas: { worker: 2 },
      // What the release before wrote is not signed.
      env: { PAYLOAD_KEY: randomBytes(32).toString('base64'), UNSIGNED_ENTRIES: 'accept' },
      firstEnv: Object.fromEntries(names.map((name) => [name, own])),
    });
    const ann = await system.user('ann');
    const room = await system.direct(ann);
    const first = await exchange(system, ann, room, 'I want a refund for invoice INV-1042');
    expect(first.text).toMatch(/how much/i);
    const asked = await askForDeletion(system, 'ben', 'Apollo');
    const cora = await system.user('cora');
    const chat = await system.direct(cora);

    // Each step runs both releases beside each other.
    for (const name of names) {
      const question = await cora.say(chat, 'How do I reset my 2FA?');
      await system.restart(name);
      expect((await answerTo(system, chat, question)).text).toMatch(/2FA|two-factor/i);
    }
    const second = await exchange(system, ann, room, '49 EUR');
    expect(second.text).toMatch(/why|reason/i);
    const [rita] = system.reviewers;
    await rita.reply(system.adminRoom, asked.prompt.event.event_id, 'approve');
    expect((await outcomeOf(system, asked.prompt)).text).toContain('Approved');
    await untilSound(system);
  },
  360_000,
);
