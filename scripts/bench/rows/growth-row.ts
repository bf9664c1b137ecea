import { skipRunTrees } from '#agents/skip-run-trees';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { publishVaried } from '../publish-varied.ts';
import { questionOf } from '../question-of.ts';
import type { Row } from '../row.ts';
import { startWorker } from '../start-worker.ts';

const age = 195;
const oldSessions = 8;
const pairs = 64;

export const growthRow: Row = {
  name: 'growth',
  measures:
    'from publishing a message to its commit, one at a time: the first turn of new sessions and about the 200th of old ones, alternating, with the same questions',
  run: async (bench) => {
    using _ = skipRunTrees();
    await using transport = await bench.transport(bench.newPrefix());
    await publishVaried(transport, { from: 0, to: age }, oldSessions);
    const worker = await startWorker(bench, transport, oldSessions);
    let published = age * oldSessions;
    await worker.committed(published);
    const turn = async (session: string, question: string) => {
      const startedAt = performance.now();
      await transport.publisher.publish('inbound', messageOf(published, session, question));
      published += 1;
      await worker.committed(published);
      return performance.now() - startedAt;
    };
    const first: number[] = [];
    const late: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const question = questionOf(pair);
      first.push(await turn(sessionOf(oldSessions + pair), question));
      late.push(await turn(sessionOf(pair % oldSessions), question));
    }
    await worker.stop();
    const goal = { wants: 'below', goal: 1.3, stretch: 1.05 } as const;
    const [ours, comparedWith] = [`${median(late).toFixed(2)} ms`, `turn 1, ${median(first).toFixed(2)} ms`];
    return [{ what: 'turn 200', ours, comparedWith, value: median(late) / median(first), goal }];
  },
};
