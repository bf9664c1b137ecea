import type { Split } from './split-cases.ts';

/** So many cases that differ it takes: with fewer, a part of thirty in a hundred tells an improvement from nothing else. */
const leastGroups = 40;
/** So many cases of a label it takes for one to be in each part. */
const leastOfLabel = 3;
const mostNamed = 20;

/** What is missing for a measurement that means something; undefined where there is enough. */
export function explainTooFew({ groups, groupsOf, validation, heldOut }: Split): string | undefined {
  const labels = [...groupsOf].toSorted((a, b) => a[1] - b[1]);
  const whole = labels.filter(([, count]) => count >= leastOfLabel);
  const isEnough =
    groups >= leastGroups &&
    whole.length >= 2 &&
    Math.min(validation.length, heldOut.length) >= leastGroups / 5;
  if (isEnough) return undefined;
  const lacking = labels.filter(([, count]) => count < leastOfLabel);
  const named = lacking
    .slice(0, mostNamed)
    .map(([label, count]) => `  ${label}: ${count}, needs ${leastOfLabel - count} more`);
  const rest = lacking.length > mostNamed ? [`  and ${lacking.length - mostNamed} more labels`] : [];
  return [
    `There are too few labelled cases: ${groups} that differ, where ${leastGroups} are needed, and ${leastOfLabel} of at least two labels. Paraphrases and the turns of one dialogue count once; words that are an example already do not count.`,
    ...(labels.length === 0 ? ['There is no labelled message at all.'] : []),
    ...(lacking.length > 0 ? ['Of these labels there are not enough:', ...named, ...rest] : []),
    'Add messages to understanding/labelled.yaml, or turns with "understood" to dialogues/, or name more with --file.',
  ].join('\n');
}

/** Labels that are too rare to be in every part: what is said of them by a part proves little. */
export function rareLabels({ groupsOf }: Split): readonly string[] {
  return [...groupsOf].flatMap(([label, count]) => (count < leastOfLabel ? [label] : [])).toSorted();
}
