import { shorten } from '#agents/shorten';
import type { Analysis } from '#dialogue/understanding/understanding';

const longestRequest = 600;
const longestFindings = 2_000;

/**
 * What a person reads who takes over where no agent is: what was asked, in the person's words (quoted, cut), how urgent
 * it is, and what has been found. Markdown.
 */
export function describeForPerson(request: string, analysis: Analysis, findings: string): string {
  const { topics, urgency, tone, sensitivity } = analysis;
  const known = topics.filter((topic) => topic !== 'unknown');
  const about =
    known.length > 0 ? known.map((topic) => topic.replaceAll('_', ' ')).join(', ') : 'no topic of ours';
  const { riskCategory, confidence, entities } = sensitivity;
  const lines = [
    `About: ${about}. Urgency ${urgency}, tone ${tone}.`,
    ...(riskCategory === 'none'
      ? []
      : [`Risk: ${riskCategory.replaceAll('_', ' ')} (${confidence.toFixed(2)}).`]),
    ...(entities.length === 0 ? [] : [`Named: ${entities.slice(0, 10).join(', ')}.`]),
    ...(request.trim() === '' ? [] : [quote(request)]),
    ...(findings.trim() === '' ? [] : [shorten(findings.trim(), longestFindings)]),
  ];
  return lines.join('\n\n');
}

function quote(request: string): string {
  const lines = shorten(request.trim(), longestRequest).split('\n');
  return lines.map((line) => `> ${line}`).join('\n');
}
