import { emptyCheckpoint } from '@langchain/langgraph-checkpoint';
import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { createTurnSavers } from './turn-savers.ts';

const thread = { configurable: { thread_id: 't' } };

/** The savers of a worker, and what a read of partition 0 says that it knows already: a digest, or nothing. */
function stage(held: () => readonly number[]) {
  const known: unknown[] = [];
  const redis = {
    callBuffer: async (_: string, [, , , , , , digest]: readonly unknown[]) => {
      known.push(digest);
      return null;
    },
  };
  const plain = (text: string): string => text;
  const saversFor = createTurnSavers({
    ...{ keys: createKeys('savers'), sessionTtlMs: 60_000, sealBody: plain, openBody: plain, held },
    // The smallest part of a client that a read needs.
    redis: redis as never,
  });
  return {
    saversFor,
    remember: async () => {
      const savers = saversFor(0);
      const first = { source: 'input' as const, step: -1, parents: {} };
      await savers.conversation.put(thread, emptyCheckpoint(), first, {});
      savers.takeWrites();
      await savers.committed();
    },
    knownOf0: async () => {
      await saversFor(0).conversation.getTuple(thread);
      return known.at(-1);
    },
  };
}

describe('the savers of a worker', () => {
  it('remember the conversations of a partition from turn to turn', async () => {
    const { remember, knownOf0, saversFor } = stage(() => [0, 1]);
    await remember();
    saversFor(1);
    expect(await knownOf0()).toMatch(/^[0-9a-f]{40}$/);
  });

  it('let go of those of a partition that another worker has by now', async () => {
    let held = [0, 1];
    const { remember, knownOf0, saversFor } = stage(() => held);
    await remember();
    held = [1];
    saversFor(1);
    held = [0, 1];
    expect(await knownOf0()).toBe('');
  });
});
