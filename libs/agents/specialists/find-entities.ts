import { canonicalJson, type Json } from '#contract/canonical-json';
import type { Validator } from '#dialogue/flows/validator';

const longestText = 8_000;
const mostValues = 10;
/** Types whose values could be anything: a text does not name one by containing it. */
const tooGeneral: ReadonlySet<string> = new Set(['text', 'boolean', 'choice']);

/**
 * Types whose values look like ordinary words or numbers: in a text, one counts only where the words before it say what it
 * is. The value is the group, the words between are bounded.
 */
const between = String.raw`\s{0,3}(?:(?:is|are|was|name|named|called|id|of|to|at|by|now|:|=)\s{1,3}){0,3}["'“‘\x60*(]{0,3}`;
const name = String.raw`(@?[a-z0-9](?:[\w.-]{0,60}[a-z0-9])?)`;
const amountCue = String.raw`\b(?:to|limit|budget|amount|refund)\b:?${between}`;
const currency = String.raw`(?:€|\$|£|(?:EUR|USD|GBP|CHF|euros?|dollars?)\b)`;
const withCurrency = String.raw`((?:€|\$|£|(?:EUR|USD|GBP|CHF) ?)\d[\d.,]{0,14}|\d[\d.,]{0,14} ?${currency})`;
const cues: ReadonlyMap<string, RegExp> = new Map([
  [
    'username',
    new RegExp(
      String.raw`\b(?:user ?name|user|account|login|handle)\b:?${between}${name}|(?<![\w.])(@[a-z0-9][a-z0-9-]{0,38})(?![\w:.@-])`,
      'giu',
    ),
  ],
  [
    'organisation',
    new RegExp(String.raw`\b(?:organi[sz]ation|org|company|tenant)\b:?${between}${name}`, 'giu'),
  ],
  ['money', new RegExp(String.raw`${amountCue}(\d[\d.,]{0,14}(?: ?${currency})?)|${withCurrency}`, 'giu')],
  ['number', new RegExp(String.raw`${amountCue}(\d[\d.,]{0,14})(?! ?${currency})`, 'giu')],
]);
/** What follows a cue without being a name. */
const ordinary = new Set(
  'a an the my our your his her its their i we you it this that these those has have had is are was were been be can cannot could will would should must may might and or but not no in on at by for from with without of to so too very again still just now here there because since when where who whose which locked blocked suspended hacked stolen settings page owner owners member members name limit budget data manager admin dashboard'.split(
    ' ',
  ),
);

function afterCue(text: string, cue: RegExp): string[] {
  return [...text.matchAll(cue)]
    .map(([, first, second]) => (first ?? second ?? '').replace(/[.,]+$/, ''))
    .filter((word) => word !== '' && !ordinary.has(word.toLowerCase()));
}

/**
 * What a person names, read by code: values by the validator that found them, each once, in their order. A type that
 * the first text does not name is looked for in the next one.
 */
export function findEntities(
  texts: readonly string[],
  validators: ReadonlyMap<string, Validator>,
): Readonly<Record<string, readonly Json[]>> {
  const found: [string, readonly Json[]][] = [];
  for (const validator of validators.values()) {
    if (tooGeneral.has(validator.name)) continue;
    const values = texts.map((text) => valuesIn(text, validator)).find(({ length }) => length > 0);
    if (values !== undefined) found.push([validator.name, values]);
  }
  return Object.fromEntries(found);
}

function valuesIn(whole: string, validator: Validator): readonly Json[] {
  const text = whole.slice(0, longestText);
  const cue = cues.get(validator.name);
  const values = new Map<string, Json>();
  for (const written of cue === undefined ? validator.find(text) : afterCue(text, cue)) {
    const read = validator.validate(written);
    if (read.ok) values.set(canonicalJson(read.value), read.value);
    if (values.size === mostValues) break;
  }
  return [...values.values()];
}
