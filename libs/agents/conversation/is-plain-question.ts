import type { OpenTurn } from './open-turn.ts';

const interrogatives =
  /^(?:how|what|where|when|which|who|why|is|are|do|does|did|can|could|may|will|would|should)\b/i;

/**
 * Whether knowledge alone may answer: one topic at most, asked as a question, nothing sensitive about it, and an agent
 * that neither has all of its drafts read first nor is behind a flag. Everything else is an agent's work.
 */
export function isPlainQuestion(
  { desk, analysis, findings }: OpenTurn,
  question: string,
  topics: readonly string[],
): boolean {
  const [topic] = topics;
  if (topics.length > 1 || analysis.sensitivity.isSensitive || findings !== '') return false;
  if (topic === undefined) return true;
  const agent = desk.playbook.agents.get(topic);
  if (agent === undefined || agent.review === 'always' || agent.flag !== undefined) return false;
  const text = question.trim();
  return text.endsWith('?') || interrogatives.test(text);
}
