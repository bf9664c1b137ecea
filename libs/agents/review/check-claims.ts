import type { Problem } from './problem.ts';

export interface Deeds {
  /** Names of all tools that change something, e.g. `refund_invoice`. */
  readonly tools: readonly string[];
  /** Of these, the ones that have run and done it. */
  readonly done: readonly string[];
  /** What tools told: what stands in there was not made up. */
  readonly evidence: readonly string[];
  /** By `plainSentence`: what the playbook's authors wrote is no claim of the draft's. */
  readonly trusted: string;
}

/** Forms that are not made by rule. */
const irregular: Readonly<Record<string, readonly string[]>> = {
  give: ['given', 'gave'],
  make: ['made'],
  pay: ['paid'],
  put: ['put'],
  reset: ['reset', 'resetted'],
  send: ['sent'],
  set: ['set'],
  take: ['taken', 'took'],
  undo: ['undone', 'undid'],
  withdraw: ['withdrawn', 'withdrew'],
  write: ['written', 'wrote'],
};
/** Other words in which one says that it was done. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  refund: ['pay', 'reimburse', 'return', 'credit'],
  delete: ['remove', 'erase', 'wipe', 'purge'],
  raise: ['increase', 'lift'],
  grant: ['give', 'assign'],
  revoke: ['invalidate', 'disable'],
  reset: ['disable', 'remove'],
};
/** What comes before it makes it no claim. */
const conditional =
  /\b(?:once|when|whenever|after|if|until|unless|before|as soon as|in case|whether|not|never|nothing|will|would|can|could|may|might|to be|which|who|what|means?)\b/;

/**
 * Says what a draft claims was done though no tool did it: "I have refunded", "was reset", "is deleted now". By the
 * verbs in the names of tools, in sentences that are neither conditions nor negations.
 */
export function checkClaims(draft: string, { tools, done, evidence, trusted }: Deeds): readonly Problem[] {
  const plain = draft.toLowerCase();
  const verbs = new Set(tools.map(verbOf));
  // Nearly every draft has none of these words, and is done here.
  const named = [...verbs].map((verb) => formsOf(verb).filter((form) => plain.includes(form)));
  if (named.every((forms) => forms.length === 0)) return [];
  const did = new Set(done.flatMap((tool) => formsOf(verbOf(tool))));
  const told = evidence.flatMap(sentencesOf);
  const sentences = sentencesOf(draft);
  const problems = new Map<string, Problem>();
  for (const forms of named) {
    const open = forms.filter((form) => !did.has(form) && !told.some((sentence) => tells(sentence, form)));
    if (open.length === 0) continue;
    const claim = claimOf(open);
    const found = sentences
      .map((sentence) => claim.exec(sentence))
      .find((match) => match !== null && isClaim(match) && !trusted.includes(match.input));
    const word = found?.slice(1).find((group) => group !== undefined);
    if (word !== undefined)
      problems.set(word, { kind: 'claim', why: `says "${word}", but no tool has done that` });
  }
  return [...problems.values()];
}

function sentencesOf(text: string): string[] {
  return text
    .split(/[.!?\n;]+/)
    .map(plainSentence)
    .filter((sentence) => sentence !== '');
}

/** "state: refunded" tells it, "it can be refunded" does not. */
function tells(sentence: string, form: string): boolean {
  const at = sentence.indexOf(form);
  return at >= 0 && !conditional.test(sentence.slice(0, at));
}

/** A sentence, or a whole text, without case, emphasis, line ends and list marks: so that it can be found again. */
export function plainSentence(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/[*_`]/g, '')
    .replaceAll(/(^|\n)\s*(?:[-+]|\d{1,3}\))\s/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function claimOf(forms: readonly string[]): RegExp {
  const form = `(${forms.join('|')})`;
  const adverb = '(?:now |already |just |successfully |also |fully |been )*';
  return new RegExp(
    `\\b(?:i|we)(?: have|'ve)? ${adverb}${form}\\b|\\b(?:has|have|was|were|been) ${adverb}${form}\\b|\\b(?:is|are) (?:now |already )+${adverb}${form}\\b|\\b(?:is|are) ${form} now\\b`,
  );
}

function isClaim({ input, index, 0: words }: RegExpExecArray): boolean {
  const before = input.slice(0, index);
  const isRelative = /\bthat\s*$/.test(before) && !/^(?:i|we)\b/.test(words);
  return !isRelative && !conditional.test(before);
}

function verbOf(tool: string): string {
  return /^[a-z]+/.exec(tool.toLowerCase())?.[0] ?? '';
}

function formsOf(verb: string): readonly string[] {
  const verbs = [verb, ...(Object.hasOwn(synonyms, verb) ? (synonyms[verb] ?? []) : [])].filter(Boolean);
  return verbs.flatMap((one) => (Object.hasOwn(irregular, one) ? (irregular[one] ?? []) : [pastOf(one)]));
}

function pastOf(verb: string): string {
  if (verb.endsWith('e')) return `${verb}d`;
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}ed`;
}
