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

const overHttp = ':gateway.invalid';
const played = 'playground:';

/** Who a user id is, for people: `rita`; who plays a user in the playground, and who comes over HTTP, by their own names. */
export function nameOf(user: string): string {
  const local = /^@([^:]+):/.exec(user)?.[1] ?? user;
  if (!user.endsWith(overHttp)) return shown(local);
  const subject = decode(local);
  return subject.startsWith(played) ? `${nameOf(subject.slice(played.length))} (playing)` : shown(subject);
}

/** The gateway makes user ids of names that are none, in base64url; long ones are a hash, which stays as it is. */
function decode(local: string): string {
  try {
    const bytes = Uint8Array.from(atob(local.replaceAll('-', '+').replaceAll('_', '/')), (sign) =>
      sign.charCodeAt(0),
    );
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return local;
  }
}
