import { termsOf } from '#models/terms-of';
import type { AgentSpec, Sop } from '#playbook/agent-spec';
import { sentencesOf } from './request-kind.ts';

/** Finds what of a message that is about several topics is for one agent. */
export type FocusRequest = (request: string, agent: string, topics: readonly string[]) => string;

const longestRequest = 8_000;

/**
 * Gives each sentence to the topic whose words it uses most, rare words counting more; one that uses none of any
 * belongs to the sentence before. Where an agent would get nothing it gets all.
 */
export function createFocusRequest(
  agents: ReadonlyMap<string, AgentSpec>,
  sops: ReadonlyMap<string, Sop>,
): FocusRequest {
  const words = new Map([...agents.values()].map((spec) => [spec.id, wordsOf(spec, sops)]));
  const rarity = (term: string): number => {
    const frequency = [...words.values()].filter((known) => known.has(term)).length;
    return frequency === 0 ? 0 : Math.log(1 + words.size / frequency);
  };
  const scoreOf = (sentence: string, topic: string): number =>
    [...new Set(termsOf(sentence))]
      .filter((term) => words.get(topic)?.has(term))
      .reduce((total, term) => total + rarity(term), 0);
  return (request, agent, topics) => {
    if (topics.length < 2) return request;
    let current = topics[0] ?? agent;
    const own = sentencesOf(request.slice(0, longestRequest)).filter((sentence) => {
      const scores = topics.map((topic) => ({ topic, score: scoreOf(sentence, topic) }));
      const best = scores.toSorted((a, b) => b.score - a.score)[0];
      if (best !== undefined && best.score > 0) current = best.topic;
      return current === agent;
    });
    return own.length === 0 ? request : own.join(' ');
  };
}

function wordsOf(spec: AgentSpec, sops: ReadonlyMap<string, Sop>): ReadonlySet<string> {
  const own = [...sops.values()].filter(
    ({ id, topics }) => spec.sops.includes(id) || topics.includes(spec.id),
  );
  const texts = [
    spec.id.replaceAll('_', ' '),
    spec.description,
    ...spec.keywords,
    ...spec.examples,
    ...own.flatMap(({ title, keywords }) => [title, ...keywords]),
  ];
  return new Set(termsOf(texts.join(' ')));
}
