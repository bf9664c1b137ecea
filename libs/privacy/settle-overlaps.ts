import type { PiiKind } from '#playbook/policies';
import type { Finding } from './privacy.ts';

/** The most sensitive first. */
const bySensitivity: readonly PiiKind[] = ['api_key', 'card', 'iban', 'phone', 'email', 'ip'];

/**
 * Findings in the order of the text, none over another. Those that overlap become one that covers them all, of the kind
 * of the longest, and of these of the most sensitive: nothing that was found stays uncovered.
 */
export function settleOverlaps(findings: readonly Finding[]): Finding[] {
  const inOrder = [...findings].sort((a, b) => a.start - b.start || b.end - a.end);
  const settled: Finding[] = [];
  let leader: Finding | undefined;
  for (const finding of inOrder) {
    const last = settled.at(-1);
    if (last === undefined || leader === undefined || finding.start >= last.end) {
      settled.push(finding);
      leader = finding;
      continue;
    }
    if (isBefore(finding, leader)) leader = finding;
    settled[settled.length - 1] = {
      kind: leader.kind,
      start: last.start,
      end: Math.max(last.end, finding.end),
    };
  }
  return settled;
}

function isBefore(a: Finding, b: Finding): boolean {
  const longer = a.end - a.start - (b.end - b.start);
  return longer > 0 || (longer === 0 && bySensitivity.indexOf(a.kind) < bySensitivity.indexOf(b.kind));
}
