import type { SlotSpec } from '#playbook/flow-spec';
import { toExample } from './training-set.ts';

const longestValue = 500;

/** Text begins after words that lead to it in the slot's own examples ("because", "the reason is"), and goes on to the end. */
export function findText(leads: readonly string[], text: string): string | undefined {
  const lower = text.toLowerCase();
  let found: { at: number; end: number } | undefined;
  // Longer leads come first, so that "because of" wins over "because" at the same place.
  for (const lead of leads) {
    const at = indexOfWords(lower, lead);
    if (at >= 0 && (found === undefined || at < found.at)) found = { at, end: at + lead.length };
  }
  if (found === undefined) return undefined;
  const value = text
    .slice(found.end)
    .replace(/^[\s:,.]+/, '')
    .trim()
    .slice(0, longestValue);
  return value === '' ? undefined : value;
}

function indexOfWords(text: string, words: string): number {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const isStart = at === 0 || /[\s,.(]/.test(text[at - 1] ?? '');
    if (isStart && /[\s:,]/.test(text[at + words.length] ?? '')) return at;
  }
  return -1;
}

/** What a text says after such words if it begins with them, else the whole of it: the answer to a question for text. */
export function textAnswer(leads: readonly string[], text: string): string {
  const lower = text.toLowerCase();
  const lead = leads.find((words) => lower.startsWith(words) && /[\s:,]/.test(text[words.length] ?? ''));
  const value =
    lead === undefined
      ? ''
      : text
          .slice(lead.length)
          .replace(/^[\s:,]+/, '')
          .trim();
  return (value === '' ? text : value).trim();
}

/** The words before `{slot}` in examples that end with it, longest first. */
export function leadsOf(slot: SlotSpec): string[] {
  const ending = `{${slot.name}}`;
  return slot.examples
    .map((example) => toExample(example).text)
    .filter((example) => example.endsWith(ending) && example.length > ending.length)
    .map((example) =>
      example
        .slice(0, -ending.length)
        .replace(/[\s:,]+$/, '')
        .toLowerCase(),
    )
    .filter((lead) => lead !== '' && !lead.includes('{'))
    .sort((one, other) => other.length - one.length);
}
