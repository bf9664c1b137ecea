import ipaddr from 'ipaddr.js';

/** Public by its number, and yet a service of the cloud that the machine stands in. */
const cloudServices = new Set(['168.63.129.16']);

/**
 * Whether an address belongs to the public internet. Everything that is set aside is not: loopback, private,
 * link-local (with it the metadata services), shared, multicast, documentation, tunnels and translations that
 * carry another address inside. https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const written = ipaddr.parse(address);
  const isGlobal =
    written.kind() === 'ipv4' ||
    /^::ffff:/i.test(written.toString()) ||
    written.match(ipaddr.parseCIDR('2000::/3'));
  // An IPv4 address within IPv6 is judged by what it stands for.
  const meant = ipaddr.process(address);
  return isGlobal && meant.range() === 'unicast' && !cloudServices.has(meant.toString());
}
