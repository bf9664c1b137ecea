/** How an argument is edited in a form: as a text, or as the JSON that it is. */
export interface ArgField {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'json';
  readonly value: string;
}

export type Args = Readonly<Record<string, unknown>>;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/** A field for each argument, in the order of their names. */
export function fieldsOf(args: Args): ArgField[] {
  return Object.keys(args)
    .sort()
    .map((name): ArgField => {
      const value = args[name];
      if (typeof value === 'string') return { name, kind: 'text', value };
      if (typeof value === 'number') return { name, kind: 'number', value: String(value) };
      if (typeof value === 'boolean') return { name, kind: 'boolean', value: String(value) };
      return { name, kind: 'json', value: JSON.stringify(value) };
    });
}

/** A field's value in the type that it had: `49` stays a number, `"49"` a text. */
export function parseField({ kind, value }: Pick<ArgField, 'kind' | 'value'>): Parsed<unknown> {
  if (kind === 'text') return { ok: true, value };
  if (kind === 'boolean') return { ok: true, value: value === 'true' };
  if (kind === 'json') return parseJson(value);
  const number = Number(value);
  const isNumber = value.trim() !== '' && Number.isFinite(number);
  return isNumber
    ? { ok: true, value: number }
    : { ok: false, problem: 'This has to be a number, such as 49 or 12.5.' };
}

/** All arguments from their fields; the first field that cannot be read says why. */
export function argsOf(fields: readonly ArgField[]): Parsed<Args> {
  const read: Record<string, unknown> = {};
  for (const field of fields) {
    const parsed = parseField(field);
    if (!parsed.ok) return { ok: false, problem: `${field.name}: ${parsed.problem}` };
    read[field.name] = parsed.value;
  }
  return { ok: true, value: read };
}

/** Arguments written as JSON. */
export function parseArgs(json: string): Parsed<Args> {
  const parsed = parseJson(json);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problem: 'The arguments have to be an object: {"name": value, …}.' };
  }
  return { ok: true, value: value as Args };
}

function parseJson(json: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch (error) {
    return {
      ok: false,
      problem: `This is no JSON${placeOf(json, String(error))}. Texts stand in double quotes.`,
    };
  }
}

/** Where the parser stopped, in lines and columns, which an editor of text thinks in. */
function placeOf(json: string, words: string): string {
  const at = /at position (\d+)/.exec(words)?.[1];
  if (at === undefined) return '';
  const before = json.slice(0, Number(at)).split('\n');
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
