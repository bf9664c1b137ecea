import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a request carries the homeserver's token: in `Authorization: Bearer`, or, as old homeservers do, in the
 * query; where both are given, both must be right. Takes as long for a wrong token as for the right one.
 */
export function isTokenRight(
  request: { readonly authorization: string | undefined; readonly query: unknown },
  token: string,
): boolean {
  const given = [request.query].flat().filter((value) => value !== undefined);
  if (request.authorization !== undefined) {
    given.push(/^Bearer +(.+)$/i.exec(request.authorization)?.[1] ?? null);
  }
  return given.length > 0 && given.map((value) => isSame(value, token)).every(Boolean);
}

/** Digests have the same length, whatever was given. */
function isSame(given: unknown, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
}
