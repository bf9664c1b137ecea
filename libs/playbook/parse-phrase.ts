/** A phrase to recognise: literal texts (lower case, single blanks) and slots in turn, e.g. `delete {project}`. */
export type Phrase = readonly PhrasePart[];
export type PhrasePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string };

export type ParsedPhrases =
  | { readonly ok: true; readonly phrases: readonly Phrase[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

const mostOptionalParts = 5;

/**
 * Reads a phrase as a playbook writes it: words, `{slot}`s, and `[optional words]`, which give one phrase with and
 * one without them.
 */
export function parsePhrase(source: string): ParsedPhrases {
  const plain = normalise(source);
  const optional = plain.match(/\[[^[\]]*\]/g) ?? [];
  if (optional.length > mostOptionalParts) {
    return refuse(
      `has ${optional.length} optional parts`,
      `Write at most ${mostOptionalParts}; split the phrase in two`,
    );
  }
  const outside = plain.replaceAll(/\[[^[\]]*\]/g, '').replaceAll(/\{[^{}]*\}/g, '');
  if (/[[\]{}]/.test(outside)) return refuse('has an unpaired bracket', 'Write {slot} and [optional words]');
  const phrases: Phrase[] = [];
  for (const variant of variantsOf(plain)) {
    const parts = splitParts(variant);
    const problem = findProblem(parts);
    if (problem !== undefined) return problem;
    phrases.push(parts);
  }
  return { ok: true, phrases };
}

function normalise(source: string): string {
  return source.normalize('NFC').toLowerCase().replaceAll(/[’‘]/g, "'").replaceAll(/\s+/g, ' ').trim();
}

function variantsOf(source: string): string[] {
  const match = /\[([^[\]]*)\]/.exec(source);
  if (match === null) return [source.replaceAll(/\s+/g, ' ').trim()];
  const before = source.slice(0, match.index);
  const after = source.slice(match.index + match[0].length);
  return [...variantsOf(`${before}${match[1]}${after}`), ...variantsOf(`${before}${after}`)];
}

function splitParts(phrase: string): PhrasePart[] {
  return phrase
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) =>
      piece.startsWith('{')
        ? { kind: 'slot', name: piece.slice(1, -1).trim() }
        : { kind: 'text', text: piece },
    );
}

function findProblem(parts: readonly PhrasePart[]): Extract<ParsedPhrases, { ok: false }> | undefined {
  const texts = parts.filter((part) => part.kind === 'text' && part.text.trim() !== '');
  if (texts.length === 0) return refuse('has no words', 'Write at least one word beside its slots');
  const slots = parts.flatMap((part) => (part.kind === 'slot' ? [part.name] : []));
  const odd = slots.find((name) => !/^[a-z][a-z0-9_]*$/.test(name));
  if (odd !== undefined) return refuse(`has a slot named "${odd}"`, 'Name slots with a-z, 0-9 and _');
  if (new Set(slots).size < slots.length) return refuse('names a slot twice', 'Give each slot its own name');
  const isTouching = parts.some((part, index) => {
    const next = parts[index + 1];
    return (
      part.kind === 'slot' && (next?.kind === 'slot' || (next?.kind === 'text' && next.text.trim() === ''))
    );
  });
  if (isTouching) return refuse('has two slots side by side', 'Put a word between them');
  return undefined;
}

function refuse(message: string, hint: string): Extract<ParsedPhrases, { ok: false }> {
  return { ok: false, message, hint };
}
