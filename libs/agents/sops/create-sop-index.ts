import MiniSearch from 'minisearch';
import { termsOf } from '#models/terms-of';
import type { AgentSpec, Sop } from '#playbook/agent-spec';

export interface SopIndex {
  /** The SOP that an agent follows for a request; undefined where none fits. Same request, same SOP. */
  find(request: string, agent: Pick<AgentSpec, 'id' | 'sops'>): Sop | undefined;
}

/** Below it an SOP is about something else. */
const leastFit = 0.3;
const longestQuery = 2_000;

/** A full-text index over a playbook's SOPs: title, keywords, what the steps do, and the text. */
export function createSopIndex(sops: ReadonlyMap<string, Sop>): SopIndex {
  const index = new MiniSearch({
    fields: ['title', 'keywords', 'steps', 'text'],
    tokenize: termsOf,
    processTerm: (term) => term,
    searchOptions: {
      boost: { title: 3, keywords: 2 },
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      prefix: (term) => term.length > 3,
      weights: { fuzzy: 0.3, prefix: 0.5 },
    },
  });
  index.addAll(
    [...sops.values()].map(({ id, title, keywords, steps, text }) => ({
      id,
      title,
      keywords: keywords.join(' '),
      steps: steps.map(({ does }) => does).join(' '),
      text,
    })),
  );
  return {
    find: (request, agent) => {
      const terms = [...new Set(termsOf(request.slice(0, longestQuery)))];
      if (terms.length === 0) return undefined;
      const results = index.search(terms.join(' '), {
        tokenize: (text) => text.split(' '),
        filter: ({ id }) => isFor(sops.get(String(id)), agent),
      });
      const fits = results.flatMap(({ id, match, queryTerms, score }) => {
        const sop = sops.get(String(id));
        const fit = sop === undefined ? 0 : fitOf(sop, match, new Set(queryTerms).size / terms.length);
        return sop !== undefined && fit >= leastFit ? [{ sop, fit, score }] : [];
      });
      return fits.toSorted((a, b) => b.fit - a.fit || b.score - a.score)[0]?.sop;
    },
  };
}

function isFor(sop: Sop | undefined, { id, sops }: Pick<AgentSpec, 'id' | 'sops'>): boolean {
  if (sop === undefined) return false;
  return sops.length > 0 ? sops.includes(sop.id) : sop.topics.includes(id);
}

/**
 * How well an SOP fits, comparable between requests of any length: what of its title the request says, which of its
 * keywords it says whole, and how much of the request the SOP knows at all.
 */
function fitOf(sop: Sop, match: Readonly<Record<string, readonly string[]>>, coverage: number): number {
  const said = (text: string, field: string): number => {
    const terms = [...new Set(termsOf(text))];
    const hits = terms.filter((term) => Object.hasOwn(match, term) && match[term]?.includes(field));
    return terms.length === 0 ? 0 : hits.length / terms.length;
  };
  const keywords = sop.keywords.filter((keyword) => said(keyword, 'keywords') === 1).length;
  return said(sop.title, 'title') * 0.6 + Math.min(keywords, 3) * 0.25 + coverage * 0.4;
}
