import type { DecisionKind } from '#contract/approval';

/** U+FE0E and U+FE0F choose a form of the same sign, U+1F3FB to U+1F3FF a skin tone. */
const variants = /[\u{FE0E}\u{FE0F}\u{1F3FB}-\u{1F3FF}]/gu;

const signs = new Map<string, DecisionKind>([
  ['\u{2705}', 'approve'],
  ['\u{274C}', 'reject'],
]);

/** What a reaction with this key decides: ✅ or ❌ in any variant, else nothing. */
export function parseReaction(key: string): DecisionKind | undefined {
  return signs.get(key.replaceAll(variants, ''));
}
