import type { FlowSpec } from '#playbook/flow-spec';
import type { Playbook } from '#playbook/playbook';
import type { Language } from './language.ts';
import type { Labelled } from './training-set.ts';
import { unknownTopic } from './understanding.ts';

type Described = Pick<Playbook, 'flows' | 'agents' | 'talk'>;

export interface Topics {
  /** Ids of agents, most important first, or `unknown` alone. */
  readonly ids: readonly string[];
  /** Whether that is more than a guess. */
  readonly isSure: boolean;
}

const sure = { topic: 0.5, other: 0.5, guess: 0.3 };
const mostClauses = 24;
const foreignTrust = 0.75;
/** What is said without being about anything. */
const noTopic = '';
/** What a keyword of an agent adds to the likelihood of its topic; one that several agents have is shared. */
const keywordWeight = 0.25;

/** Learns from examples and keywords which agents a message is for. A message may be for several. */
export function createTopicFinder(playbook: Described, language: Language): (text: string) => Topics {
  const hits = createKeywordFinder(playbook, language);
  const classify = language.train(topicExamples(playbook, hits));
  const scoresOf = (text: string): Map<string, number> => {
    const found = hits(text);
    const hasKeyword = found.size > 0;
    // Unfamiliar words without any keyword: what little is familiar does not make it ours.
    const trust = hasKeyword || language.familiarity(text) === 1 ? 1 : foreignTrust;
    const scores = new Map<string, number>();
    for (const [id, p] of Object.entries(classify(text))) {
      const isOurs = id !== unknownTopic && id !== noTopic;
      scores.set(id, isOurs ? p * trust + (found.get(id) ?? 0) : hasKeyword ? p * 0.7 : p);
    }
    if (trust < 1) scores.set(unknownTopic, (scores.get(unknownTopic) ?? 0) + 1 - trust);
    return scores;
  };
  return (text) => {
    const whole = scoresOf(text);
    const scores = new Map(whole);
    for (const clause of clausesOf(text)) {
      for (const [id, score] of scoresOf(clause)) {
        if (id !== unknownTopic && id !== noTopic && score >= sure.other)
          scores.set(id, Math.max(scores.get(id) ?? 0, score));
      }
    }
    const ranked = [...scores].sort(
      ([one, p], [other, q]) => q + (whole.get(other) ?? 0) - p - (whole.get(one) ?? 0),
    );
    const [best] = ranked;
    if (best === undefined || best[0] === noTopic) return { ids: [unknownTopic], isSure: false };
    if (best[0] === unknownTopic) return { ids: [unknownTopic], isSure: best[1] >= sure.topic };
    const ids = ranked
      .filter(([id, score]) => id !== unknownTopic && id !== noTopic && score >= sure.topic)
      .map(([id]) => id);
    if (ids.length > 0) return { ids, isSure: true };
    return { ids: best[1] >= sure.guess ? [best[0]] : [unknownTopic], isSure: false };
  };
}

/** Parts that may be about different things. */
function clausesOf(text: string): string[] {
  const clauses = text
    .split(/[.!?;\n]+\s*|,\s+|\s+(?:and|also|plus|but|or)\s+/iu)
    .filter((clause) => clause.trim().split(/\s+/).length >= 2);
  return clauses.length > 1 ? clauses.slice(0, mostClauses) : [];
}

function topicExamples({ agents, flows, talk }: Described, hits: Hits): Labelled<string>[] {
  const examples = [...agents.values()].flatMap(({ id, examples: texts, description, keywords }) =>
    [...texts, description, ...keywords].map((text) => ({ text, label: id })),
  );
  const unknown = talk.unknown.map((text) => ({ text, label: unknownTopic }));
  const nothing = [...talk.vague, ...talk.chat].map((text) => ({ text, label: noTopic }));
  const ofFlows = [...flows.values()]
    .filter(({ isOffered }) => isOffered)
    .flatMap((flow) => {
      const texts = flow.examples.map((text) => text.replaceAll(/\{\w+\}/g, ' '));
      const owner = ownerOf(flow, texts, agents, hits);
      return owner === undefined ? [] : texts.map((text) => ({ text, label: owner }));
    });
  return [...examples, ...unknown, ...nothing, ...ofFlows];
}

/** The agent that has the flow's tools and whose keywords its examples use most. */
function ownerOf(
  { steps }: FlowSpec,
  texts: readonly string[],
  agents: Playbook['agents'],
  hits: Hits,
): string | undefined {
  const tools = new Set(
    steps.flatMap((step) => (step.kind === 'approval' || step.kind === 'action' ? [step.tool] : [])),
  );
  const sums = new Map<string, number>();
  for (const text of texts) {
    for (const [id, weight] of hits(text)) sums.set(id, (sums.get(id) ?? 0) + weight);
  }
  return [...agents.values()]
    .filter((agent) => agent.tools.some((tool) => tools.has(tool)))
    .map(({ id }) => id)
    .sort((one, other) => (sums.get(other) ?? 0) - (sums.get(one) ?? 0))[0];
}

/** What the keywords in a text add to each topic. */
type Hits = (text: string) => ReadonlyMap<string, number>;

const mostAdded = 0.5;

/** Keywords are found in any form of the word: insulting, insulted. */
function createKeywordFinder({ agents }: Pick<Playbook, 'agents'>, language: Language): Hits {
  const owners = new Map<string, Set<string>>();
  for (const { id, keywords } of agents.values()) {
    for (const keyword of keywords) {
      const term = language.stems(keyword).join(' ');
      owners.set(term, (owners.get(term) ?? new Set()).add(id));
    }
  }
  return (text) => {
    const found = new Map<string, number>();
    const seen = new Set<string>();
    const stems = language.stems(text);
    for (const [at, stem] of stems.entries()) {
      for (const term of [stem, `${stem} ${stems[at + 1] ?? ''}`]) {
        const ids = seen.has(term) ? undefined : owners.get(term);
        seen.add(term);
        for (const id of ids ?? []) {
          found.set(id, Math.min(mostAdded, (found.get(id) ?? 0) + keywordWeight / (ids?.size ?? 1)));
        }
      }
    }
    return found;
  };
}
