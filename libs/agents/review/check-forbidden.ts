import type { ReviewPolicy } from '#playbook/policies';
import type { Problem } from './problem.ts';

/** Finds what the policy forbids, however it is spelled: case, blanks, emphasis and look-alike forms do not matter. */
export function checkForbidden(draft: string, forbidden: ReviewPolicy['forbidden']): readonly Problem[] {
  const plain = plainOf(draft);
  return forbidden
    .filter(({ text }) => plain.includes(plainOf(text)))
    .map(({ text, why }) => ({ kind: 'forbidden', why: `says "${text}": ${why.replace(/[.\s]+$/, '')}` }));
}

function plainOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[*_~`]/g, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
    .trim();
}
