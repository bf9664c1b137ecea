/** A key in base64 as people compare it: in groups of four. */
export function shownFingerprint(key: string): string {
  return key.replaceAll(/.{4}(?=.)/g, '$& ');
}
