import { isPublicAddress } from './is-public-address.ts';

export interface UrlRules {
  /** Hosts that may be read, with their subdomains; left out, all of the public internet. */
  readonly allowedHosts?: readonly string[];
  /** Default 80 and 443. */
  readonly ports?: readonly number[];
  /** Only for tests: one port of this machine that may be read. */
  readonly loopbackPort?: number;
}

export type CheckedUrl =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly why: string };

const longestUrl = 2_000;
const usualPorts = [80, 443];

/** Reads a URL as the WHATWG standard does, so that every spelling of an address is seen as what it is. */
export function checkPageUrl(written: string, rules: UrlRules, base?: URL): CheckedUrl {
  const refuse = (why: string): CheckedUrl => ({ ok: false, why });
  if (written.length > longestUrl) return refuse(`the address is longer than ${longestUrl} characters`);
  const url = URL.parse(written, base?.href);
  if (url === null) return refuse('this is no web address');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('only http and https are read');
  if (url.username !== '' || url.password !== '')
    return refuse('an address with a name or password is not read');
  const host = hostOf(url);
  if (isLoopbackTest(url, rules)) return { ok: true, url };
  if (!(rules.ports ?? usualPorts).includes(portOf(url))) return refuse(`port ${portOf(url)} is not read`);
  if (rules.allowedHosts !== undefined && !rules.allowedHosts.some((allowed) => isWithin(host, allowed))) {
    return refuse('this host is not on the list');
  }
  if (isAddress(host) ? !isPublicAddress(host) : isLocalName(host)) {
    return refuse('this host is not on the public internet');
  }
  return { ok: true, url };
}

/** Without brackets and the dot that ends a full name. */
export function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

export function isLoopbackTest(url: URL, { loopbackPort }: UrlRules): boolean {
  return loopbackPort !== undefined && portOf(url) === loopbackPort && hostOf(url) === '127.0.0.1';
}

function isWithin(host: string, allowed: string): boolean {
  const name = allowed.toLowerCase();
  return host === name || host.endsWith(`.${name}`);
}

/** The standard turns every spelling of an IPv4 address into four decimals. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

function isLocalName(host: string): boolean {
  return (
    !host.includes('.') || /\.(?:localhost|local|internal|lan|home|corp|intranet|arpa|onion)$/.test(host)
  );
}
