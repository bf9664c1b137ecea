import type { Caller } from '../caller.ts';
import { TooManyRequestsError, UnavailableError } from '../errors.ts';
import type { Places } from './places.ts';

const waitSeconds = 10;

/**
 * Takes a place for the caller, until the function that it returns is called.
 *
 * @throws {TooManyRequestsError} for a caller with too much open; {UnavailableError} when this gateway is full.
 */
export function takePlace(places: Places, caller: Caller): () => void {
  const taken = places.take(caller.user);
  if (taken === 'caller') throw new TooManyRequestsError(waitSeconds);
  if (taken === 'process') throw new UnavailableError('This gateway has no place left: try again soon');
  return taken;
}
