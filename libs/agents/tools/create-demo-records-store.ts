import { createHash } from 'node:crypto';
import type { DeletedRecords, RecordsStore } from './records-store.ts';

const known: Readonly<Record<string, number>> = { apollo: 128, gemini: 64, mercury: 17, voyager: 2_048 };

/**
 * The records store of the example playbook: any project has records, always the same number until they are
 * deleted. It forgets with the process, so it suits demonstrations only.
 */
export function createDemoRecordsStore(): RecordsStore {
  const answers = new Map<string, DeletedRecords>();
  const emptied = new Set<string>();
  return {
    deleteRecords: async (project, { idempotencyKey }) => {
      const before = answers.get(idempotencyKey);
      if (before !== undefined) return before;
      const name = project.toLowerCase();
      const answer = { project, deleted: emptied.has(name) ? 0 : countOf(name) };
      emptied.add(name);
      answers.set(idempotencyKey, answer);
      return answer;
    },
  };
}

function countOf(name: string): number {
  const listed = Object.hasOwn(known, name) ? known[name] : undefined;
  return listed ?? 1 + (createHash('sha256').update(name).digest()[0] ?? 0);
}
