import { Annotation, Command, END, INTERRUPT, interrupt, START, StateGraph } from '@langchain/langgraph';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BufferedSaver } from '#checkpoint/buffered-saver';
import { executeWrites } from '#checkpoint/execute-writes';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver, type RedisSaverOptions } from '#checkpoint/redis-saver';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

const config = { configurable: { thread_id: 't' } };

function open(prefix: string, options: Partial<RedisSaverOptions> = {}): RedisSaver {
  const keyOf = (threadId: string) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`;
  return new RedisSaver({ redis, keyOf, keep: 1, ...options });
}

const State = Annotation.Root({
  said: Annotation<string[]>({ reducer: (_, next) => next, default: () => [] }),
  note: Annotation<string | undefined>(),
  answer: Annotation<string>(),
});
const builder = new StateGraph(State)
  .addNode('ask', ({ said }) =>
    said.at(-1) === 'ask' ? { answer: interrupt<unknown, string>('well?') } : {},
  )
  .addNode('end', () => ({ note: undefined }))
  .addEdge(START, 'ask')
  .addEdge('ask', 'end')
  .addEdge('end', END);

type Input = Parameters<ReturnType<typeof builder.compile>['invoke']>[0];

/** One turn as a worker takes it: buffered, and written by one transaction, which may run twice. */
async function takeTurn(saver: RedisSaver, input: Input, times = 1): Promise<Record<string, unknown>> {
  const turn = new BufferedSaver(saver);
  const output = await builder
    .compile({ checkpointer: turn })
    .invoke(input, { ...config, durability: 'exit' });
  for (let time = 0; time < times; time += 1) await executeWrites(redis, turn.takeWrites());
  await turn.committed();
  return output;
}

async function fieldsOf(saver: RedisSaver, kind: 'c' | 'v' | 'w'): Promise<string[]> {
  return (await redis.hkeys(saver.keysOf('t').data)).filter((field) => field.startsWith(`${kind}:`));
}

const long = (word: string) => word.repeat(200);

describe('a buffered turn of a saver that keeps the newest checkpoint alone', () => {
  it('leaves one record behind, and of a growing list every part that it needs', async () => {
    const prefix = uniquePrefix('newest');
    const saver = open(prefix);
    const said: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      said.push(long(`word${turn}`));
      await takeTurn(saver, { said: [...said], note: long('note') });
    }
    expect(await fieldsOf(saver, 'c')).toHaveLength(1);
    expect(await redis.zrange(saver.keysOf('t').index, '0', '-1')).toEqual(await fieldsOf(saver, 'c'));
    expect(await fieldsOf(saver, 'v')).toHaveLength(5);
    const cold = await open(prefix, { cacheEntries: 0 }).getTuple(config);
    expect(cold?.checkpoint.channel_values['said']).toEqual(said);
  });

  it('takes the parts of a list along that was replaced by another', async () => {
    const prefix = uniquePrefix('newest');
    const saver = open(prefix);
    await takeTurn(saver, { said: [long('a')] });
    await takeTurn(saver, { said: [long('a'), long('b')] });
    await takeTurn(saver, { said: [long('c')] });
    expect(await fieldsOf(saver, 'v')).toHaveLength(1);
    const cold = await open(prefix, { cacheEntries: 0 }).getTuple(config);
    expect(cold?.checkpoint.channel_values['said']).toEqual([long('c')]);
  });

  it('puts the parts of a list together when there are more than are wanted', async () => {
    const prefix = uniquePrefix('newest');
    const saver = open(prefix, { mostParts: 3 });
    const said: string[] = [];
    const parts: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      said.push(long(`word${turn}`));
      await takeTurn(saver, { said: [...said] });
      parts.push((await fieldsOf(saver, 'v')).length);
    }
    expect(parts).toEqual([1, 2, 3, 1, 2, 3, 1, 2]);
    const cold = await open(prefix, { cacheEntries: 0 }).getTuple(config);
    expect(cold?.checkpoint.channel_values['said']).toEqual(said);
  });

  it('reads the same in every process, whatever the turns make of the list, and leaves nothing that nobody refers to', async () => {
    const turn = fc.record({
      keep: fc.nat(4),
      added: fc.array(fc.constantFrom('a', 'b', 'c').map(long), { maxLength: 3 }),
      other: fc.boolean(),
      times: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 2, maxLength: 12 }), async (turns) => {
        const prefix = uniquePrefix('newest');
        const processes = [open(prefix, { mostParts: 4 }), open(prefix, { cacheEntries: 0 })] as const;
        let said: string[] = [];
        for (const { keep, added, other, times } of turns) {
          said = [...said.slice(0, keep), ...added];
          await takeTurn(processes[other ? 1 : 0], { said }, times);
        }
        for (const one of processes) {
          expect((await one.getTuple(config))?.checkpoint.channel_values['said']).toEqual(said);
        }
        const before = await redis.hlen(processes[0].keysOf('t').data);
        await processes[0].prune('t');
        expect(await redis.hlen(processes[0].keysOf('t').data)).toBe(before);
        expect(await fieldsOf(processes[0], 'c')).toHaveLength(1);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a question that waits for its answer, also when something else is said meanwhile', async () => {
    const saver = open(uniquePrefix('newest'));
    const asked = await takeTurn(saver, { said: [long('x'), 'ask'] });
    const [question] = Reflect.get(asked, INTERRUPT) as { id: string }[];
    expect(await fieldsOf(saver, 'w')).not.toEqual([]);
    const output = await takeTurn(saver, new Command({ resume: { [question?.id ?? '']: 'yes' } }));
    expect(output).toMatchObject({ answer: 'yes' });
    await takeTurn(saver, { said: [long('x'), 'ask'] });
    await takeTurn(saver, { said: ['go on'] });
    expect(await fieldsOf(saver, 'c')).toHaveLength((await redis.zcard(saver.keysOf('t').index)) - 2);
    expect((await fieldsOf(saver, 'c')).length).toBeGreaterThan(1);
  });

  it('leaves the checkpoints alone that a release kept which dropped them later', async () => {
    const prefix = uniquePrefix('newest');
    const before = open(prefix, { keep: 2 });
    await takeTurn(before, { said: [long('a')] });
    await takeTurn(before, { said: [long('b')] });
    const now = open(prefix);
    await takeTurn(now, { said: [long('c')] });
    expect(await fieldsOf(now, 'c')).toHaveLength(3);
    await takeTurn(before, { said: [long('d')] });
    expect((await before.getTuple(config))?.checkpoint.channel_values['said']).toEqual([long('d')]);
    for (let turn = 0; turn < 12; turn += 1) await takeTurn(now, { said: [long(`n${turn}`)] });
    expect(await fieldsOf(now, 'c')).toHaveLength(1);
  });

  it('stores nothing for a value that is undefined', async () => {
    const saver = open(uniquePrefix('newest'));
    await takeTurn(saver, { said: [], note: 'here' });
    const [field = ''] = await fieldsOf(saver, 'c');
    expect(await redis.hget(saver.keysOf('t').data, field)).not.toContain('"note","json"');
    expect((await saver.getTuple(config))?.checkpoint.channel_values['note']).toBeUndefined();
  });
});
