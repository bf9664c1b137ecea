import type { Analysis } from '#dialogue/understanding/understanding';

/** Whether the security protocol is for a message: something is at risk, and it is sensitive or cannot wait. */
export function isSecurityCase({ urgency, sensitivity }: Analysis): boolean {
  return sensitivity.riskCategory !== 'none' && (sensitivity.isSensitive || urgency === 'critical');
}
