/** The organisation of an account of which nothing better is known: the server of the user id (`@name:server`). */
export function organisationOf(user: string): string {
  const colon = user.indexOf(':');
  return colon < 0 ? '' : user.slice(colon + 1).toLowerCase();
}
