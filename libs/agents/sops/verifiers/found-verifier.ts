import { z } from 'zod';
import { isSameName } from '#agents/sops/is-same-name';
import { type Verifier, verifierOf } from '#agents/sops/verifier';

/** That what was asked for exists: the tool has found it under the very name that it was called with. */
export function foundVerifier(what: string, argument: string): Verifier {
  return verifierOf(
    { name: `${what}_found`, description: `the ${what} that was asked for exists` },
    z.object({ [argument]: z.string().min(1) }),
    ({ [argument]: found = '' }, { args: { [argument]: asked } }) =>
      typeof asked !== 'string' || isSameName(asked, found)
        ? { hasPassed: true }
        : { hasPassed: false, why: `I found another ${what} than ${asked}.` },
  );
}
