import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { PrivateAddressError } from '#agents/errors';
import { isPublicAddress } from './is-public-address.ts';

export type LookUp = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The lookup of a connection itself: what it gives is what is connected to, so that a name cannot mean one address
 * when it is checked and another when it is used. One address that is not public refuses the name.
 */
export function createSafeLookup(lookUp: LookUp = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined)
        return callback(error ?? new PrivateAddressError(hostname), '', 4);
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new PrivateAddressError(hostname), '', 4);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
