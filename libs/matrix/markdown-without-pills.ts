const matrixTo = /(?:https?:\/\/)?(?:www\.)?matrix\.to\/(?:#|%23)\/?/gi;

/**
 * The text with `https://matrix.to/#/@user:server` shortened to `@user:server`: of the long form clients make a pill,
 * wherever it stands.
 */
export function withoutPills(text: string): string {
  let rest = text;
  // What is left can join to a new one.
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replaceAll(matrixTo, '');
  }
  return rest;
}
