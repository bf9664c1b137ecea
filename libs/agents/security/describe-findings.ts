import { describeAction } from '#agents/actions/describe-action';
import { shortLine } from '#agents/shorten';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { SecurityFinding } from './security-report.ts';

const longestText = 500;
const words: Readonly<Record<SecurityFinding['status'], string>> = {
  done: '',
  proposed: 'not run: ',
  refused: 'not allowed: ',
  failed: 'failed: ',
  skipped: 'not run: ',
};

/** The brief for reviewers, Markdown: what is at risk, how certain that is, and a line for each tool. */
export function describeFindings(
  { sensitivity, urgency }: Analysis,
  findings: readonly SecurityFinding[],
  isCautious: boolean,
): string {
  const { riskCategory, confidence } = sensitivity;
  const certainty = isCautious ? 'not certain, so nothing was changed' : 'certain enough to act';
  const head = `**Security check: ${riskCategory.replaceAll('_', ' ')}** (confidence ${confidence.toFixed(2)}, ${certainty}; urgency ${urgency})`;
  const lines = findings.map((finding) => {
    const text = `${words[finding.status]}${shortLine(finding.text, longestText)}`;
    return `- ${describeAction({ name: finding.tool, args: { ...finding.args } })}: ${text}`;
  });
  return [head, lines.length === 0 ? 'No tool is named for this in the policies.' : lines.join('\n')].join(
    '\n\n',
  );
}
