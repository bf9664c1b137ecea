import type { IncomingHttpHeaders } from 'node:http';
import type { CookieSerializeOptions } from '@fastify/cookie';

export const consoleCookie = 'vagent_console';
export const oidcCookie = 'vagent_oidc';

/** The secret of the console session; undefined without one, and where two are sent: somebody has planted one. */
export function consoleCookieOf({ cookie }: IncomingHttpHeaders): string | undefined {
  const values = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${consoleCookie}=`))
    .map((pair) => pair.slice(consoleCookie.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Out of reach for scripts, never sent along by other sites, and only over TLS where pages come over TLS. */
export function cookieOptions(url: string | undefined, maxAgeMs: number): CookieSerializeOptions {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: url?.startsWith('https:') === true,
    maxAge: Math.floor(maxAgeMs / 1_000),
  };
}
