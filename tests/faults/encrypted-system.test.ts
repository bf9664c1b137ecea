import { describe, expect, it } from 'vitest';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf, toldAbout } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';

function encrypting(user: MatrixUser): EncryptedUser {
  if (!(user instanceof EncryptedUser)) throw new Error(`${user.userId} does not encrypt`);
  return user;
}

describe('a whole system in encrypted rooms', () => {
  const stage = useStage({
    clientFor: (user) => EncryptedUser.open(user),
    // Longer than somebody else's question takes.
    env: { KEY_WAIT_SECONDS: '30' },
    policy: { risk: 'high' },
  });

  it('F64: a question whose key is late is answered, in order, and nobody else waits for it', async () => {
    const { system } = stage();
    const [ann, ben] = [encrypting(await system.user('ann')), await system.user('ben')];
    const [room, other] = [await system.direct(ann), await system.direct(ben)];
    await answerTo(system, room, await ann.say(room, question));
    ann.holdKeys(system.botId);
    await ann.newSession(room);
    const late = await ann.say(room, question);
    const behind = await ann.say(room, 'How do I add an SSH key?');
    await answerTo(system, other, await ben.say(other, question));
    await ann.releaseKeys();
    const answers = [await answerTo(system, room, late), await answerTo(system, room, behind)];
    expect(answers[0]?.text).toMatch(/authenticator|recovery code/i);
    expect(answers[0]?.event.origin_server_ts).toBeLessThanOrEqual(answers[1]?.event.origin_server_ts ?? 0);
  });

  it('F64: of messages whose key never comes the sender is told once, encrypted, and the next one is answered', async () => {
    const { system } = stage();
    const ann = encrypting(await system.user('anna'));
    const room = await system.direct(ann);
    ann.holdKeys(system.botId);
    const lost = await ann.say(room, question);
    const alsoLost = await ann.say(room, question);
    ann.dropKeys();
    await ann.releaseKeys();
    await ann.newSession(room);
    const next = await ann.say(room, question);
    const told = await answerTo(system, room, lost, 60_000);
    expect(told.text).toContain('could not decrypt');
    expect((await answerTo(system, room, next)).text).toMatch(/authenticator|recovery code/i);
    const fact = async (): Promise<boolean> => {
      const facts = await Promise.all(
        Array.from({ length: system.partitions }, (_, partition) =>
          system.redis.get(system.keys.fact(partition, alsoLost)),
        ),
      );
      return facts.includes('done:undecryptable');
    };
    await eventually(fact, { what: 'the second one has its outcome' });
    const notices = (await ann.timeline(room)).filter(({ content }) =>
      String(content['body']).includes('could not decrypt'),
    );
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ isEncrypted: true });
  });

  it('T4: a reaction does not approve what is of high risk, which is told; the code in an encrypted command does', async () => {
    const { system, deletions } = stage();
    const { prompt } = await askForDeletion(system, 'cleo', 'Vega');
    const [rita] = system.reviewers;
    const reaction = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
    const told = await toldAbout(system, reaction);
    expect(told.text).toMatch(/reaction .*never encrypted/);
    expect(told.isOutcome).toBe(false);
    expect(deletions('Vega').applied).toBe(0);
    await rita.say(system.adminRoom, `!vagent approve ${prompt.code}`);
    expect((await outcomeOf(system, prompt)).text).toMatch(/Approved by .*rita/);
    await eventually(() => deletions('Vega').applied === 1);
    const page = await rita.request('GET', `/v3/rooms/${encodeURIComponent(system.adminRoom)}/messages`, {
      query: { dir: 'b', limit: '200' },
    });
    expect(JSON.stringify(page)).not.toMatch(/Vega|delete_records/);
  });
});
