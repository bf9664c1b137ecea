/** True for pages of this gateway, false for all others and for what is no origin. `host` is the header of the request. */
export type OriginCheck = (origin: string | undefined, host: string | undefined) => boolean;

const ownNames = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Where `url` is set, our pages come from there. They also come from this machine under its own names: the `Host` must be
 * one of them too, so that no name that somebody points at 127.0.0.1 counts.
 */
export function createOriginCheck(url: string | undefined): OriginCheck {
  return (origin, host) => {
    if (origin === undefined) return false;
    if (origin === url) return true;
    const parsed = URL.parse(origin);
    const isHere = parsed !== null && parsed.host === host && ownNames.includes(parsed.hostname);
    return isHere && parsed.protocol === 'http:' && parsed.origin === origin;
  };
}
