import type { Validator } from '../validator.ts';
import { findWords } from './find-words.ts';

const yes = new Set(
  'yes y yep yeah yup yea ya sure ok okay okey correct right true confirm confirmed agreed agree absolutely definitely certainly indeed exactly aye affirmative please 👍 ✅ ja oui si sí da'.split(
    ' ',
  ),
);
const no = new Set(
  "no n nope nah not never wrong false incorrect negative don't dont doesn't didn't isn't wasn't haven't hasn't can't won't 👎 ❌ nein non nicht".split(
    ' ',
  ),
);
/** Words that say neither, in answers such as "yes, that is fine". */
const phrases: readonly [RegExp, boolean][] = [
  [
    /^(?:go ahead|do it|go for it|of course|by all means|that'?s (?:right|correct|fine|it)|sounds good|looks good|why not)\b/,
    true,
  ],
  [/^(?:no way|not at all|by no means|stop|leave it|forget it|rather not|better not)\b/, false],
];
const problem = 'I did not get whether that is a yes or a no. Please answer yes or no.';
const longest = 300;

/** Yes or no, in many words: what the answer begins with counts; an answer that says both counts as neither. */
export const booleanValidator: Validator = {
  name: 'boolean',
  description: 'true for yes, false for no',
  validate(written) {
    const value = read(written);
    return value === undefined ? { ok: false, problem } : { ok: true, value };
  },
  find: (text) => findWords(text).filter((word) => isSign(word.toLowerCase())),
};

const isSign = (word: string): boolean => yes.has(word) || no.has(word);

function read(written: string): boolean | undefined {
  if (written.length > longest) return undefined;
  const text = written
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/^[\s.,!"'-]+/, '');
  const phrase = phrases.find(([pattern]) => pattern.test(text));
  if (phrase !== undefined) return phrase[1];
  const words = findWords(text).map((word) => word.replace(/[-_/].*$/, ''));
  const first = words[0] ?? '';
  // "no, yes": whoever says both is asked again.
  const saysNo = words.some((word) => no.has(word));
  const saysYes = words.some(
    (word) => yes.has(word) && word !== 'please' && word !== 'right' && word !== 'ok',
  );
  if (no.has(first)) return saysYes ? undefined : false;
  if (yes.has(first)) return saysNo ? undefined : true;
  return undefined;
}
