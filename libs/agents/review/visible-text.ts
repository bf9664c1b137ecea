/** Everything that formats and cannot be seen, but the two joiners, which some scripts and emoji need. */
const invisible =
  /(?![\u200c\u200d])(?:[\p{Cf}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u{e0100}-\u{e01ef}])/gu;
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Joiners beside ASCII join nothing: there they only hide a word from whoever looks for it. */
const idleJoiners =
  /(?<=[\u0000-\u007f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\u0000-\u007f]|$)|^[\u200c\u200d]+/g;

/** Removes what cannot be seen: control characters, direction marks, zero-width characters, tags. Keeps line ends and tabs. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(control, '')
    .replaceAll(invisible, '')
    .replaceAll(idleJoiners, '');
}
