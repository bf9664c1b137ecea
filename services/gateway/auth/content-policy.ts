import type { IncomingMessage } from 'node:http';
import type { FastifyHelmetOptions } from '@fastify/helmet';

/**
 * What pages of ours may load: only from here, nothing inline, in nobody's frame. Sockets to ourselves are named, because
 * not every browser counts them as `'self'`. `url` is the public one.
 */
export function contentPolicy(url: string | undefined): FastifyHelmetOptions {
  const isSecure = url?.startsWith('https:') === true;
  return {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", (request) => socketOrigin(request, url)],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isSecure ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  };
}

function socketOrigin({ headers }: IncomingMessage, url: string | undefined): string {
  if (url !== undefined) return url.replace(/^http/, 'ws');
  // A header of the caller's own making: only what is a host may stand in the policy.
  const host = headers.host ?? '';
  return /^[\w.-]+(:\d{1,5})?$/.test(host) ? `ws://${host}` : "'self'";
}
