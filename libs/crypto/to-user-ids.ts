import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';

/** Made anew for each call of the SDK, which uses them up. Ids that are none are left out. */
export function toUserIds(ids: Iterable<string>): UserId[] {
  const users: UserId[] = [];
  for (const id of ids) {
    try {
      users.push(new UserId(id));
    } catch {
      // The SDK could not name its devices either.
    }
  }
  return users;
}
