import MiniSearch, { type SearchOptions } from 'minisearch';
import type { Passage } from '#playbook/playbook';
import { termsOf } from './terms-of.ts';

export interface Found {
  readonly passage: Passage;
  /** BM25 with boosts: comparable within one search only. */
  readonly score: number;
  /** From 0 to 1: how much of what the query says is in the passage, rare words and exact matches counting more. */
  readonly coverage: number;
  /** Whether a word of the query stands in the passage's own heading. */
  readonly isInHeading: boolean;
}

export interface KnowledgeIndex {
  /** The best passages for a query, best first; `limit` at most. */
  search(query: string, limit: number): readonly Found[];
  /** The titles of all documents. */
  readonly titles: readonly string[];
}

const longestQuery = 1_000;
/** A passage that has so much of the query needs no second look. */
const enoughCoverage = 0.8;
const similar = (term: string): number | false => (term.length > 4 ? 0.2 : false);

/** A full-text index over a playbook's knowledge: BM25, fuzzy and prefix matches, titles and headings boosted. */
export function createKnowledgeIndex(passages: readonly Passage[]): KnowledgeIndex {
  const index = new MiniSearch({
    fields: ['heading', 'keywords', 'title', 'text'],
    tokenize: termsOf,
    processTerm: (term) => term,
    searchOptions: {
      boost: { heading: 3, keywords: 1.5, title: 2 },
      prefix: (term) => term.length > 3,
      weights: { fuzzy: 0.3, prefix: 0.5 },
    },
  });
  const byId = new Map(passages.map((passage) => [passage.id, passage]));
  index.addAll(
    passages.map(({ id, title, headings, keywords, text }) => ({
      id,
      title,
      heading: headings.join(' '),
      keywords: keywords.join(' '),
      text,
    })),
  );
  const weightOf = rarity(passages);
  return {
    titles: [...new Set(passages.map(({ title }) => title))],
    search: (query, limit) => {
      const terms = [...new Set(termsOf(query.slice(0, longestQuery)))];
      const whole = sum(terms.map(weightOf));
      if (whole === 0) return [];
      const find = (fuzzy: NonNullable<SearchOptions['fuzzy']>): Found[] =>
        index
          .search(terms.join(' '), { tokenize: (text) => text.split(' '), fuzzy })
          .slice(0, limit)
          .flatMap(({ id, score, queryTerms, match }) => {
            const passage = byId.get(String(id));
            const found = new Set(queryTerms);
            const coverage = sum([...found].map((term) => weightOf(term) * closeness(term, match))) / whole;
            const isInHeading = [...found].some(
              (term) => Object.hasOwn(match, term) && match[term]?.includes('heading') === true,
            );
            return passage === undefined ? [] : [{ passage, score, coverage, isInHeading }];
          });
      // Looking for words that are only similar costs most of a search, and most people spell well.
      const exact = find(false);
      return (exact[0]?.coverage ?? 0) >= enoughCoverage ? exact : find(similar);
    },
  };
}

/** A word that is only similar says little about a passage. */
function closeness(term: string, match: Readonly<Record<string, unknown>>): number {
  if (Object.hasOwn(match, term)) return 1;
  return Object.keys(match).some((found) => found.startsWith(term)) ? 0.8 : 0.5;
}

/** Inverse document frequency; a word that is nowhere weighs most. */
function rarity(passages: readonly Passage[]): (term: string) => number {
  const frequency = new Map<string, number>();
  for (const { source, keywords, text } of passages) {
    for (const term of new Set(termsOf(`${source} ${keywords.join(' ')} ${text}`))) {
      frequency.set(term, (frequency.get(term) ?? 0) + 1);
    }
  }
  return (term) => Math.log(1 + (passages.length + 1) / ((frequency.get(term) ?? 0) + 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
