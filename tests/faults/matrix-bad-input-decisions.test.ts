import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startWorkerStage } from '../support/worker-stage.ts';

type Stage = Awaited<ReturnType<typeof startWorkerStage>>;

/** The reviewer is `@rita:localhost`; the requester `@ana:localhost`. */
const lookalikes: readonly (readonly [string, string])[] = [
  ['a Cyrillic letter', '@rіta:localhost'],
  ['a capital', '@Rita:localhost'],
  ['a zero-width space', '@rita\u200b:localhost'],
  ['a joined accent', '@rit\u00e1:localhost'],
  ['a turned direction', '@rita\u202e:localhost'],
  ['a full-width letter', '@ｒita:localhost'],
  ['a blank behind', '@rita :localhost'],
  ['another server', '@rita:evil.example'],
  ['a server that begins alike', '@rita:localhost.evil.example'],
  ['a server in capitals', '@rita:LOCALHOST'],
  ['a port', '@rita:localhost:8448'],
  ['a pattern', '@*:localhost'],
];

describe('T1, T2: who decides', () => {
  let stage: Stage;
  let approval: string;
  let told = 0;

  const verdictOf = async (body: Parameters<Stage['decide']>[1]) => {
    await stage.decide(approval, body);
    told += 1;
    return (await stage.output('approvals', 'approval.resolved', told)).body;
  };

  beforeAll(async () => {
    stage = await startWorkerStage(inject('redisUrl'), { policy: { quorum: 2 } });
    await stage.say('Please delete all records of project Apollo');
    approval = (await stage.output('approvals', 'approval.requested')).body.approval.id;
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each(lookalikes)('T1: is no reviewer by a name that only looks like one, by %s', async (_, by) => {
    expect(await verdictOf({ by })).toMatchObject({ notice: 'refused', status: 'pending' });
    expect(stage.calls).toEqual([]);
  });

  it('T2: is not the person who asked, and not the same reviewer twice', async () => {
    expect((await verdictOf({ by: '@ana:localhost' })).notice).toBe('refused');
    expect((await verdictOf({})).notice).toBe('progress');
    expect((await verdictOf({})).notice).toBe('refused');
    expect(stage.calls).toEqual([]);
    expect(await verdictOf({ by: '@ron:localhost' })).toMatchObject({
      notice: 'outcome',
      status: 'approved',
    });
    expect(stage.calls).toHaveLength(1);
  });
});
