import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../tests/support/eventually.ts';
import { type JobResult, Lanes } from './lanes.ts';

interface Task {
  lane: string;
  number: number;
}

/** Lanes whose jobs end when the test says so. */
function stage(concurrency: number, perShare?: number) {
  const lanes = new Lanes<Task>(concurrency, perShare);
  const begun: Task[] = [];
  const ends = new Map<Task, (result: JobResult) => void>();
  return {
    lanes,
    begun,
    running: () => [...ends.keys()],
    add: (lane: string, number: number, share = lane) => {
      const item = { lane, number };
      const run = () => {
        begun.push(item);
        const { promise, resolve } = Promise.withResolvers<JobResult>();
        ends.set(item, resolve);
        return promise;
      };
      lanes.add(lane, share, { item, run });
      return item;
    },
    end: async (item: Task, result?: JobResult) => {
      ends.get(item)?.(result);
      ends.delete(item);
      await turn();
    },
  };
}

describe('Lanes', () => {
  it('T11: give a share no more places than it may have, and the free ones to others', async () => {
    const given = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 });
    const places = fc.record({
      all: fc.integer({ min: 1, max: 6 }),
      perShare: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        given,
        places,
        fc.infiniteStream(fc.nat()),
        async (shares, { all, perShare }, luck) => {
          const { lanes, begun, running, add, end } = stage(all, perShare);
          for (const [number, share] of shares.entries()) add(`${share} ${number}`, number, `${share}`);
          while (lanes.size > 0) {
            const now = running();
            const count = (share: number) => now.filter(({ lane }) => lane.startsWith(`${share} `)).length;
            for (const share of [0, 1, 2, 3]) {
              expect(count(share)).toBeLessThanOrEqual(perShare);
              const isWaiting = shares.filter((one) => one === share).length > beganOf(begun, share);
              // A place stays free only where nobody who waits may have it.
              if (isWaiting && now.length < all) expect(count(share)).toBe(perShare);
            }
            const ending = now[(luck.next().value ?? 0) % now.length];
            if (ending !== undefined) await end(ending);
          }
          expect(begun.length).toBe(shares.length);
        },
      ),
    );
  });

  it('run the jobs of a lane one by one and in order, never more lanes at once than allowed', async () => {
    const given = fc.array(fc.record({ lane: fc.nat({ max: 5 }), share: fc.nat({ max: 2 }) }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        given,
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        async (jobs, places, luck) => {
          const { lanes, begun, running, add, end } = stage(places);
          const added = jobs.map(({ lane, share }, number) => add(`lane ${lane}`, number, `share ${share}`));
          while (lanes.size > 0) {
            const now = running();
            expect(now.length).toBe(lanes.running);
            expect(now.length).toBeGreaterThan(0);
            expect(now.length).toBeLessThanOrEqual(places);
            expect(new Set(now.map(({ lane }) => lane)).size).toBe(now.length);
            const ending = now[(luck.next().value ?? 0) % now.length];
            if (ending !== undefined) await end(ending);
          }
          for (const name of new Set(added.map(({ lane }) => lane))) {
            const inLane = ({ lane }: Task) => lane === name;
            expect(begun.filter(inLane)).toEqual(added.filter(inLane));
          }
          expect(begun.length).toBe(added.length);
          await lanes.idle();
        },
      ),
    );
  });

  it('let shares take turns, so that a share of many lanes holds up no other', async () => {
    const { begun, add, end, running } = stage(1);
    const first = add('a0', 0, 'a');
    for (let lane = 1; lane < 50; lane++) add(`a${lane}`, lane, 'a');
    add('b', 100, 'b');
    add('c', 200, 'c');
    await end(first);
    for (let left = 4; left > 0; left--) for (const item of running()) await end(item);
    expect(begun.slice(0, 4).map(({ lane }) => lane)).toEqual(['a0', 'a1', 'b', 'c']);
  });

  it('let the lanes of one share take turns, too', async () => {
    const { begun, add, end, running } = stage(1);
    for (let number = 0; number < 3; number++) add('x', number, 's');
    for (let number = 0; number < 3; number++) add('y', number, 's');
    while (running().length > 0) for (const item of running()) await end(item);
    expect(begun.map(({ lane }) => lane).join('')).toBe('xyxyxy');
  });

  it('keep the order of a lane whose job pauses, and give its place away meanwhile', async () => {
    const { lanes, begun, add, end } = stage(1);
    const first = add('a', 1);
    const second = add('a', 2);
    const other = add('b', 3);
    await end(first, { againMs: 30 });
    expect(begun).toEqual([first, other]);
    expect(lanes.running).toBe(1);
    await end(other);
    await eventually(() => begun.length === 3);
    expect(begun[2]).toBe(first);
    await end(first);
    expect(begun[3]).toBe(second);
    await end(second);
    expect(lanes.size).toBe(0);
  });

  it('drop what has not begun, also what pauses, and say what it was', async () => {
    const { lanes, begun, add, end } = stage(2);
    const running = add('a', 1);
    const behind = add('a', 2);
    const pausing = add('b', 3);
    const kept = add('b', 4);
    await end(pausing, { againMs: 5 });
    const queued = add('c', 5);
    await end(queued, { againMs: 60_000 });
    expect(lanes.drop((item) => item !== kept)).toEqual([behind, pausing, queued]);
    await eventually(() => begun.at(-1) === kept);
    expect(lanes.size).toBe(2);
    await end(running);
    await end(kept);
    await lanes.idle();
    expect(begun).toEqual([running, pausing, queued, kept]);
  });

  it('close without what has not begun, and wait for what runs, even if that asks to run again', async () => {
    const { lanes, begun, add, end } = stage(1);
    const running = add('a', 1);
    add('a', 2);
    add('b', 3);
    let isClosed = false;
    const closing = lanes.close().then(() => {
      isClosed = true;
    });
    add('c', 4);
    await turn();
    expect(isClosed).toBe(false);
    await end(running, { againMs: 1 });
    await closing;
    expect(begun).toEqual([running]);
    expect(lanes.size).toBe(0);
  });

  it('tell of arrivals behind the job that runs, also of those that came before it asked', async () => {
    const { lanes, add } = stage(1);
    add('a', 1);
    let told = 0;
    const second = add('a', 2);
    await lanes.arrival('a');
    const next = lanes.arrival('a').then(() => {
      told += 1;
    });
    await turn();
    expect(told).toBe(0);
    const third = add('a', 3);
    await next;
    expect(lanes.behind('a')).toEqual([second, third]);
    await lanes.arrival('nobody');
  });

  it('say what is behind the job that runs, from one copy for as long as it is the same', async () => {
    const { lanes, add, end } = stage(1);
    const first = add('a', 1);
    expect(lanes.behind('a')).toEqual([]);
    const second = add('a', 2);
    const two = lanes.behind('a');
    expect(two).toEqual([second]);
    expect(lanes.behind('a')).toBe(two);
    add('b', 1);
    expect(lanes.behind('a')).toBe(two);
    const third = add('a', 3);
    expect(lanes.behind('a')).toEqual([second, third]);
    expect(two).toEqual([second]);
    lanes.drop((item) => item === second);
    expect(lanes.behind('a')).toEqual([third]);
    const fourth = add('a', 4);
    await end(first);
    expect(lanes.behind('a')).toEqual([fourth]);
  });

  it('tell a job of arrivals although one that has ended still waits for them', async () => {
    const lanes = new Lanes<number>(1);
    const [began, third, ended] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const add = (item: number, run: () => Promise<undefined>): void => lanes.add('a', 'a', { item, run });
    add(1, async () => {
      await lanes.arrival('a');
      void lanes.arrival('a');
      return undefined;
    });
    add(2, async () => {
      began?.resolve();
      await third?.promise;
      await lanes.arrival('a');
      ended?.resolve();
      return undefined;
    });
    await began?.promise;
    add(3, async () => undefined);
    third?.resolve();
    await ended?.promise;
    await lanes.idle();
  });

  it('are as fast for a long lane as for many', async () => {
    const lanes = new Lanes<number>(8);
    let done = 0;
    const run = async (): Promise<JobResult> => {
      done += 1;
      return undefined;
    };
    for (let item = 0; item < 20_000; item++) lanes.add('one', 'one', { item, run });
    await lanes.idle();
    expect(done).toBe(20_000);
  });
});

function beganOf(begun: readonly Task[], share: number): number {
  return begun.filter(({ lane }) => lane.startsWith(`${share} `)).length;
}
