import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MatrixUser } from '../support/matrix-user.ts';
import type { ModelReply } from '../support/model-reply.ts';
import { readCheckpoint } from '../support/rooms-checker-streams.ts';
import { everythingIn, openedIn } from '../support/system-redis.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, exchange, promptFor } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

const question = 'How do I reset my 2FA?';

/** Bots that talk to bots, and people who share a model. */
export function describeBots(): void {
  describe('complaints about bots that talk to bots', () => {
    const stage = useStage({
      withModel: true,
      // Each call of a model is a step.
      playbook: { 'policies.yaml': [['stepsPerDay: 2000', 'stepsPerDay: 12']] },
    });

    it('complaint 4: a bot that answers each notice with a notice costs no tokens', async () => {
      const { system, model } = stage();
      const other = await system.user('parrot');
      const room = await system.direct(other);
      await exchange(system, other, room, question);
      const before = model.requests.length;
      for (let i = 0; i < 10; i += 1)
        await other.send(room, { msgtype: 'm.notice', body: `${question} (${i})` });
      expect((await exchange(system, other, room, 'What is a passkey?')).kind).toBe('reply');
      const asked = model.requests.slice(before).map(({ messages }) => JSON.stringify(messages.at(-1)));
      expect(asked.filter((message) => message.includes('2FA'))).toEqual([]);
    });

    it('complaint 4: a bot that talks without end comes to the end of its budget', async () => {
      const { system, model } = stage();
      const other = await system.user('echo');
      const room = await system.direct(other);
      const texts: string[] = [];
      const before = model.requests.length;
      for (let i = 0; i < 20; i += 1)
        texts.push((await exchange(system, other, room, `${question} (${i})`)).text);
      expect(model.requests.length - before).toBeLessThanOrEqual(14);
      expect(texts.at(-1)).toMatch(/budget for today is used up.*asked to raise it already/);
      const admin = await readRoom(
        { roomId: system.adminRoom, reader: system.reviewers[0], kind: 'admin' },
        system.botId,
      );
      const prompts = admin.said.filter(({ event }) => {
        const body = String(event.content['body']);
        return body.includes('raise_budget') && body.includes(other.userId);
      });
      expect(prompts).toHaveLength(1);
    });

    it('complaint 7: what one person says is told to no model for another', async () => {
      const { system, model } = stage();
      const [ann, ben] = [await system.user('ann'), await system.user('ben')];
      const room = await system.group(ann, ben);
      const say = async (user: MatrixUser, text: string) =>
        answerTo(system, room, await user.say(room, text, { mention: system.botId }));
      await say(ann, 'What is a passkey? My code word is Zanzibar.');
      const before = model.requests.length;
      await say(ben, 'What is a recovery code?');
      const told = JSON.stringify(model.requests.slice(before));
      expect(told).toContain('What is a recovery code?');
      expect(told).not.toContain('Zanzibar');
      await say(ann, 'And what is a token?');
      const own = model.requests
        .slice(before)
        .filter(({ messages }) => JSON.stringify(messages).includes('token?'));
      expect(JSON.stringify(own)).toContain('Zanzibar');
    });

    it('complaint 7: what a model has understood of one is not taken for the other', async () => {
      const { system, model } = stage();
      const [amy, bob] = [await system.user('amy'), await system.user('bob')];
      const room = await system.group(amy, bob);
      const say = async (user: MatrixUser, text: string) =>
        answerTo(system, room, await user.say(room, text, { mention: system.botId }));
      const fill = (command: Readonly<Record<string, unknown>>): ModelReply => ({
        kind: 'calls',
        calls: [{ name: 'understand', arguments: { commands: [command] } }],
      });
      // Understood in no try before, which would be remembered.
      const project = `Dorado${randomBytes(2).toString('hex')}`;
      model.on(/erase my records/, [fill({ command: 'start_flow', flow: 'delete_records' })], 'understand');
      const set = fill({ command: 'set_slot', slot: 'project', value: project });
      model.on(new RegExp(project), [set, fill({ command: 'chat', tone: 'thanks' })], 'understand');
      expect((await say(amy, 'please erase my records')).text).toContain('Which project');
      const before = model.requests.length;
      expect((await say(amy, project)).text).toContain('asked a reviewer to approve');
      expect((await say(bob, project)).text).toBe('You are welcome.');
      expect(model.requests.length - before).toBe(2);
    });
  });
}

/** Two people in one room, whose contexts must not meet. */
export function describeTwoPeople(): void {
  describe('complaints about two people in one room', () => {
    const stage = useStage({ checkpoints: false, env: { PAYLOAD_KEY: randomBytes(32).toString('base64') } });

    async function two(first: string, second: string) {
      const { system } = stage();
      const [one, other] = [await system.user(first), await system.user(second)];
      const room = await system.group(one, other);
      const say = async (user: MatrixUser, text: string) => {
        const message = await user.say(room, text, { mention: system.botId });
        return { ...(await answerTo(system, room, message)), message };
      };
      const stateOf = async (user: MatrixUser): Promise<string> =>
        JSON.stringify(await readCheckpoint(system, `${room}:main:${user.userId}`));
      return { system, one, other, room, say, stateOf };
    }

    it('complaint 7: the flow of one is not filled by the other, though both say the same', async () => {
      const { one, other, say, stateOf } = await two('lea', 'leo');
      expect((await say(one, 'I want a refund for invoice INV-1042')).text).toContain('How much');
      // Understood anew: the same words mean nothing where nothing is asked.
      expect((await say(other, '49 EUR')).text).not.toMatch(/reason|refund of 49/);
      expect((await say(one, '49 EUR')).text).toContain('reason');
      expect((await say(other, 'cancel')).text).toContain('nothing to cancel');
      expect((await say(other, 'how is my request going?')).text).toContain('Nothing of yours');
      expect((await say(one, 'how is my request going?')).text).toContain('in the middle of refund');
      expect(await stateOf(one)).toContain('INV-1042');
      expect(await stateOf(other)).not.toContain('INV-1042');
    });

    it('complaint 7: what is remembered of one is not recalled for the other', async () => {
      const { system, one, other, room, say, stateOf } = await two('mia', 'max');
      await say(one, 'please refund 49 EUR of invoice INV-1042 because we were charged twice');
      const asked = await say(one, 'yes');
      const prompt = await promptFor(system, asked.message);
      const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
      await answerTo(system, room, decision);
      await say(one, 'yes, solved, thank you');
      const own = await system.direct(one);
      await exchange(system, one, own, question);
      const remembered = JSON.stringify(await readCheckpoint(system, `${own}:main:${one.userId}`));
      expect(remembered).toContain('They went through');
      await say(other, question);
      expect(await stateOf(other)).not.toMatch(/They went through|INV-1042|charged twice/);
      expect(await stateOf(other)).not.toContain(one.userId);
    });

    it('complaint 7: the personal data of one is put back into no reply to the other', async () => {
      const { system, one, other, room, say } = await two('nia', 'ned');
      const address = 'nia.winter@post.example.org';
      const reply = await say(one, `please refund 49 EUR of invoice INV-1043 because ${address} paid it`);
      expect(reply.text).toContain(address);
      const opened = openedIn(await everythingIn(system.redis), system.openBody).join('\n');
      const placeholder = /\[EMAIL-[0-9A-Z]{8}\]/.exec(opened)?.[0];
      expect(placeholder).toBeDefined();
      const stolen = await say(
        other,
        `please refund 49 EUR of invoice INV-1043 because ${placeholder} paid it`,
      );
      expect(stolen.text).toMatch(/because: .*EMAIL\W{1,3}[0-9A-Z]{8}.* paid it/);
      expect(stolen.text).not.toContain(address);
      const { said } = await readRoom({ roomId: room, reader: other, kind: 'group' }, system.botId);
      const told = said.filter(({ vagent }) => vagent.session.endsWith(other.userId));
      expect(JSON.stringify(told)).not.toContain(address);
    });
  });
}
