import type { Answer } from './answer.ts';
import type { Found, KnowledgeIndex } from './create-knowledge-index.ts';
import { extractPassage } from './extract-passage.ts';
import { termsOf } from './terms-of.ts';

export interface OfflineAnswerDeps {
  readonly index: KnowledgeIndex;
  /** How to reach a person, Markdown. */
  readonly human: string;
}

/** Below this share of the question's words, a passage is not an answer to it; its heading is a stronger hint. */
const leastCoverage = 0.5;
const leastCoverageOfHeading = 0.42;
const leastCoverageOfNear = 0.1;
const relatedScore = 0.55;

/**
 * Answers without a model: quotes the passage that fits best, names it and what else may help. Where nothing fits
 * it says so, names what comes nearest, and how to reach a person.
 */
export function createOfflineAnswer({ index, human }: OfflineAnswerDeps): Answer {
  return async ({ question }) => {
    if (termsOf(question).length === 0) {
      return `Ask me about one of these:\n\n${list(index.titles)}\n\n${human}`;
    }
    const found = index.search(question, 5);
    const best = found.find(isAnswer);
    return best === undefined ? sayUnknown(found, index.titles, human) : quote(best, found, question);
  };
}

/** Whether a passage answers the question that it was found for. */
export function isAnswer({ coverage, isInHeading }: Found): boolean {
  return coverage >= (isInHeading ? leastCoverageOfHeading : leastCoverage);
}

function quote(best: Found, found: readonly Found[], question: string): string {
  const isRelated = (other: Found): boolean =>
    other !== best && isAnswer(other) && other.score >= best.score * relatedScore;
  const related = found.filter(isRelated).map(({ passage }) => passage.source);
  const lines = [extractPassage(best.passage.text, question), `Source: ${best.passage.source}`];
  if (related.length > 0) lines.push(`See also: ${related.slice(0, 2).join('; ')}`);
  return lines.join('\n\n');
}

function sayUnknown(found: readonly Found[], titles: readonly string[], human: string): string {
  const near = found.filter(({ coverage }) => coverage >= leastCoverageOfNear).slice(0, 3);
  const topics =
    near.length > 0
      ? `What I know that comes nearest:\n\n${list(near.map(({ passage }) => passage.source))}`
      : `What I know about:\n\n${list(titles)}`;
  return `I found no answer to that in what I know.\n\n${topics}\n\n${human}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
