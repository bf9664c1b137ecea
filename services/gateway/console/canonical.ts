import { visible } from '#matrix/render-visible';

/** The one spelling of a JSON value, as digests are made of it: keys sorted, no blanks (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Each argument with its canonical JSON, what deceives the eye escaped: `["project", "\"Apollo\""]`. */
export function argLines(args: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.keys(args)
    .sort()
    .map((name) => [shown(name), shown(canonicalJson(args[name]))]);
}

/**
 * Text of strangers on one line, with characters that cannot be seen, or that move others about, as escapes. Blanks in
 * a row stay as they are: on a page they deceive nobody.
 */
export function shown(text: string): string {
  return text
    .split(/( +)/)
    .map((part) => (part.startsWith(' ') ? part : visible(part)))
    .join('');
}

/** The short code of an approval, which a reviewer can say aloud. */
export function codeOf(approval: string): string {
  return approval.slice(0, 6);
}

/** `@rita:example.org` as `rita`, where there is no doubt who is meant; the id elsewhere. */
export function nameOf(user: string): string {
  return shown(/^@([^:]+):/.exec(user)?.[1] ?? user);
}
