/** A stand-in for personal data, e.g. `[EMAIL-7F3K2Q9D]`: it has to stay as it is to be recognised later. */
const standIn = /\[[A-Z][A-Z_]{0,30}-[0-9A-Za-z]{1,40}\]/;
const special = /[\\`*[\]<>~]|_(?![0-9A-Za-z])|(?<![0-9A-Za-z])_|&|:(?=\/\/)|(?<=mailto):/gi;
const lineStart = /^(?:#{1,6}(?=\s|$)|[+-](?=[\s-]|$)|=+$|\d{1,9}[.)](?=\s|$))/;

/**
 * A value as Markdown text that looks like the value: it makes no heading, list, link, image, code or emphasis,
 * wherever in a line it is put. Line breaks and other white space become single blanks.
 */
export function toMarkdownText(value: string): string {
  const line = value.replaceAll(/[\s\u0085\u2028\u2029]+/g, ' ').trim();
  const parts = line.split(new RegExp(`(${standIn.source})`));
  const escaped = parts.map((part, index) => {
    if (index % 2 === 1) return part;
    // Right after a bracket, which another value may have put there, these would make a link of it.
    return part.replaceAll(special, String.raw`\$&`).replace(/^[(:]/, String.raw`\$&`);
  });
  return escaped.join('').replace(lineStart, (sign) => `${sign.slice(0, -1)}\\${sign.slice(-1)}`);
}
