import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { DeletedRecords, RecordsStore } from './records-store.ts';

const known: Readonly<Record<string, number>> = { apollo: 128, gemini: 64, mercury: 17, voyager: 2_048 };

/** What is older is as if it had never been deleted. */
const mostKept = 10_000;

/**
 * The records store of the example playbook: any project has records, always the same number until they are
 * deleted. It forgets with the process, so it suits demonstrations only.
 */
export function createDemoRecordsStore(): RecordsStore {
  const answers = new LRUCache<string, DeletedRecords>({ max: mostKept });
  const emptied = new LRUCache<string, true>({ max: mostKept });
  return {
    deleteRecords: async (project, { idempotencyKey }) => {
      const before = answers.get(idempotencyKey);
      if (before !== undefined) return before;
      const name = project.toLowerCase();
      const answer = { project, deleted: emptied.has(name) ? 0 : countOf(name) };
      emptied.set(name, true);
      answers.set(idempotencyKey, answer);
      return answer;
    },
  };
}

function countOf(name: string): number {
  const listed = Object.hasOwn(known, name) ? known[name] : undefined;
  return listed ?? 1 + (createHash('sha256').update(name).digest()[0] ?? 0);
}
