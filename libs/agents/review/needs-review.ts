import type { Analysis } from '#dialogue/understanding/understanding';
import type { AgentSpec } from '#playbook/agent-spec';
import type { Problem } from './problem.ts';

export interface ReviewQuestion {
  /** Of the agents that wrote the draft. */
  readonly specs: readonly Pick<AgentSpec, 'id' | 'review'>[];
  readonly analysis: Analysis;
  readonly problems: readonly Problem[];
  readonly hasRunSecurity: boolean;
  /** `policies.security.threshold`. */
  readonly threshold: number;
}

/** Why a person has to read a draft before it goes out; empty where nobody has to. */
export function needsReview(question: ReviewQuestion): readonly string[] {
  const { specs, analysis, problems, hasRunSecurity, threshold } = question;
  const { isSensitive, riskCategory, confidence } = analysis.sensitivity;
  const reasons: string[] = [];
  const always = specs.filter(({ review }) => review === 'always').map(({ id }) => id);
  if (always.length > 0) reasons.push(`drafts of ${always.join(', ')} are always read`);
  const isRead = specs.length === 0 || specs.some(({ review }) => review !== 'never');
  const risk = riskCategory.replaceAll('_', ' ');
  if (hasRunSecurity) reasons.push('the security protocol has run');
  else if (isRead && isSensitive) {
    reasons.push(riskCategory === 'none' ? 'the message is sensitive' : `the message is sensitive: ${risk}`);
  }
  if (isRead && riskCategory !== 'none' && confidence < threshold) {
    reasons.push(`it may be about ${risk}, but that is not certain (${confidence.toFixed(2)})`);
  }
  return [...reasons, ...problems.map(({ why }) => `the draft ${why}`)];
}
