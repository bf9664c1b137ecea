/**
 * The code of a sign-in link, `#sign-in=<code>`, which stands behind the `#` so that no server and no log sees it. It is
 * taken out of the address bar and the history at once.
 */
export function takeSignInCode(): string | undefined {
  const found = /^#sign-in=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!location.hash.startsWith('#sign-in')) return undefined;
  history.replaceState(null, '', location.pathname);
  dispatchEvent(new HashChangeEvent('hashchange'));
  // A link that was cut off is used up just as well: the page then says how to make another.
  return found?.[1] ?? '';
}

/**
 * A link that is opened where the console is open already changes nothing but what stands behind the `#`: the page begins
 * anew, so that nothing of whoever was signed in before is left in it.
 */
export function openLaterSignIns(): void {
  addEventListener('hashchange', () => {
    if (location.hash.startsWith('#sign-in')) location.reload();
  });
}
