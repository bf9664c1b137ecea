import type { ReviewPolicy } from '#playbook/policies';
import { checkClaims, type Deeds } from './check-claims.ts';
import { checkForbidden } from './check-forbidden.ts';
import { checkLinks } from './check-links.ts';
import { checkMentions } from './check-mentions.ts';
import { checkSecrets } from './check-secrets.ts';
import type { Checked, Problem } from './problem.ts';
import { visibleText } from './visible-text.ts';

/** Of what is longer so much is left, with a mark where it was cut. */
export const longestDraft = 100_000;

/**
 * The guardrail of every reply, whoever wrote it: pure, and linear in the draft's length. The text that it returns holds
 * nothing that cannot be seen, no image, no link to a host that is not on the list, no mention, nothing that looks like
 * a secret. What it took out, and what it can only point at (forbidden words, claims of what was not done), is in `problems`.
 */
export function checkDraft(
  draft: string,
  policy: Pick<ReviewPolicy, 'forbidden' | 'links'>,
  deeds: Deeds,
): Checked {
  const problems: Problem[] = [];
  let text = visibleText(draft);
  if (text.length > longestDraft) {
    problems.push({ kind: 'length', why: `was cut: it had ${text.length} characters` });
    text = `${text.slice(0, longestDraft).toWellFormed()}…`;
  }
  const secrets = checkSecrets(text);
  const links = checkLinks(secrets.text, policy.links);
  const mentions = checkMentions(links.text);
  text = mentions.text.replaceAll(/\n{3,}/g, '\n\n').trim();
  if (text === '') problems.push({ kind: 'empty', why: 'is empty' });
  return {
    text,
    problems: [
      ...problems,
      ...secrets.problems,
      ...links.problems,
      ...mentions.problems,
      ...checkForbidden(text, policy.forbidden),
      ...checkClaims(text, deeds),
    ],
  };
}
