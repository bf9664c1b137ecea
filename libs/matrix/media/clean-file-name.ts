import { visible } from '#matrix/render-visible';

const longestName = 120;

/**
 * The name of a file as it may be shown and stored: without folders, and without characters that cannot be seen or that
 * turn others around (`exe.gpj` behind a right-to-left mark). Never empty.
 */
export function cleanFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = visible(last.trim())
    .replaceAll(/\\u(?:[0-9a-f]{4}|\{[0-9a-f]+\})/g, '')
    .replace(/^\.+/, '')
    .trim();
  return Array.from(clean).slice(0, longestName).join('') || 'file';
}
