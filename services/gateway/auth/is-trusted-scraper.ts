import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { equalSecrets } from './equal-secrets.ts';

/** Loopback, private and link-local networks (RFC 1918, 4193, 3927, 4291): nobody comes from there by the internet. */
const nearby: readonly (readonly [network: string, bits: number])[] = [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
];

/**
 * Who may read metrics: with a token, whoever has it. Without one, neighbours that ask for themselves; a proxy that passes
 * on what somebody else wants says so.
 */
export function isTrustedScraper(request: IncomingMessage, token: string | undefined): boolean {
  if (token !== undefined) return equalSecrets(request.headers.authorization ?? '', `Bearer ${token}`);
  const { forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  if (forwarded !== undefined || forwardedFor !== undefined) return false;
  const address = request.socket.remoteAddress ?? '';
  return networks().check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function networks(): BlockList {
  const list = new BlockList();
  for (const [network, bits] of nearby) list.addSubnet(network, bits, isIPv6(network) ? 'ipv6' : 'ipv4');
  return list;
}
