import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { message, openMessageStage } from './message-stage.ts';

type Opened = Awaited<ReturnType<typeof openMessageStage>>;

const first = 'slow: How do I reset my 2FA?';
const second = 'How do I add an SSH key?';

async function writeTwice(stage: Opened): Promise<void> {
  await stage.publish(message('one', first));
  await eventually(() => stage.begun.includes(first), { what: 'the first turn runs' });
  await stage.publish(message('two', second));
}

describe('a message that comes while another of its session is worked on', () => {
  it('enqueue: waits its turn, and both are answered', async () => {
    await using stage = await openMessageStage({ doubleText: 'enqueue' });
    await writeTwice(stage);
    expect(await stage.outcome('$one')).not.toMatch(/^done/);
    stage.letGo();
    expect(await stage.ends('$one')).toBe('replied');
    expect(await stage.ends('$two')).toBe('replied');
    expect((await stage.history()).map(({ turn }) => turn)).toEqual(['$one', '$two']);
  });

  it('reject: is refused at once and told so once, while the first one is answered', async () => {
    await using stage = await openMessageStage({ doubleText: 'reject' });
    await writeTwice(stage);
    const told = await stage.output('outbound', 'reply.finished');
    expect(told).toMatchObject({ turn: '$two', body: { replyTo: '$two' } });
    expect(told.body.text).toMatch(/still at your last message/);
    await stage.publish(message('three', 'And another one'));
    await stage.delivered(3);
    stage.letGo();
    expect(await stage.ends('$one')).toBe('replied');
    expect(await stage.ends('$two')).toBe('rejected');
    expect(await stage.ends('$three')).toBe('rejected');
    await stage.publish(message('four', second));
    expect(await stage.ends('$four')).toBe('replied');
    expect((await stage.history()).map(({ turn }) => turn)).toEqual(['$two', '$one', '$four']);
    expect(stage.begun).toEqual([first, second]);
  });

  it('interrupt: breaks the first one off, and one reply answers both', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await writeTwice(stage);
    expect(await stage.ends('$one')).toBe('interrupted');
    expect(await stage.ends('$two')).toBe('replied');
    expect(stage.begun.at(-1)).toBe(`${first}\n\n${second}`);
    const [reply, ...others] = await stage.history();
    expect(reply).toMatchObject({ turn: '$two', replyTo: '$two' });
    expect(others).toEqual([]);
    expect(await stage.output('outbound', 'reply.withdrawn')).toMatchObject({
      body: { reply: '$one', reason: 'interrupted' },
    });
    await stage.publish(message('three', 'Thanks'));
    await stage.ends('$three');
    // What was answered is not asked again.
    expect(stage.begun.at(-1)).toBe('Thanks');
  });

  it('interrupt: three in a row end in one reply, each with one outcome', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await writeTwice(stage);
    await stage.publish(message('three', 'How do I get a token?'));
    expect(await stage.ends('$one')).toBe('interrupted');
    expect(await stage.ends('$three')).toBe('replied');
    const ends = [await stage.ends('$two')];
    // The third may have come before the second was answered, or after.
    expect(['interrupted', 'replied']).toContain(ends[0]);
  });

  it('rollback: answers the new one as if the first had never been written', async () => {
    await using stage = await openMessageStage({ doubleText: 'rollback' });
    await writeTwice(stage);
    expect(await stage.ends('$one')).toBe('rolled_back');
    expect(await stage.ends('$two')).toBe('replied');
    expect(stage.begun.at(-1)).toBe(second);
    expect(await stage.output('outbound', 'reply.withdrawn')).toMatchObject({
      body: { reply: '$one', reason: 'rolled_back' },
    });
    expect(await stage.history()).toHaveLength(1);
  });

  it('has the policy of its room where there is one', async () => {
    await using stage = await openMessageStage({ rooms: { '!room:localhost': 'rollback' } });
    await writeTwice(stage);
    expect(await stage.ends('$one')).toBe('rolled_back');
  });

  it('breaks nothing off where it is over a limit itself', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await stage.publish(message('one', first));
    await eventually(() => stage.begun.includes(first), { what: 'the first turn runs' });
    await stage.publish(message('two', '', { limited: { scope: 'user', tell: false } }));
    await stage.delivered(2);
    stage.letGo();
    expect(await stage.ends('$one')).toBe('replied');
    expect(await stage.ends('$two')).toBe('limited');
  });

  it('F72: queues behind nothing while an approval waits, and voids it under no policy', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await stage.publish(message('one', 'Please delete all records of project Apollo'));
    expect(await stage.ends('$one')).toBe('waiting');
    await stage.publish(message('two', second));
    expect(await stage.ends('$two')).toBe('replied');
    const asked = await stage.output('approvals', 'approval.requested');
    await stage.decide(asked.body.approval.id, { decision: 'approve' });
    await eventually(() => stage.calls.length === 1, { what: 'the action has run' });
  });
});
