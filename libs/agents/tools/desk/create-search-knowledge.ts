import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { createKnowledgeIndex, type KnowledgeIndex } from '#models/create-knowledge-index';
import type { Passage } from '#playbook/playbook';

const args = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(500, 'is longer than 500 characters')
    .describe('what to look for'),
});
const mostPassages = 3;
/** Below it a passage has little to do with the query. */
const leastCoverage = 0.3;
const longestExcerpt = 1_200;

/** @param passages of the playbook as it is now; asked for at each call, and indexed once as long as they are the same. */
export function createSearchKnowledge(passages: () => readonly Passage[]): Tool<z.output<typeof args>> {
  let indexed: { readonly of: readonly Passage[]; readonly index: KnowledgeIndex } | undefined;
  const indexOf = (of: readonly Passage[]): KnowledgeIndex => {
    if (indexed?.of !== of) indexed = { of, index: createKnowledgeIndex(of) };
    return indexed.index;
  };
  return {
    name: 'search_knowledge',
    description: 'Finds passages of the knowledge that answer a question.',
    args,
    data: z.object({ sources: z.array(z.string()) }),
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ query }) => {
      const found = indexOf(passages())
        .search(query, mostPassages)
        .filter(({ coverage }) => coverage >= leastCoverage)
        .map(({ passage }) => passage);
      const parts = found.map(({ source, text }) => `**${source}**\n\n${text.slice(0, longestExcerpt)}`);
      const text = found.length === 0 ? 'The knowledge says nothing about that.' : parts.join('\n\n');
      return { text, data: { sources: found.map(({ source }) => source) } };
    },
  };
}
