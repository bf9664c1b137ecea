import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The Debian mirror that this machine's own apt uses, from `sources.list` and `sources.list.d` (both formats);
 * undefined where apt knows no mirror of Debian's main archive.
 */
export function findDebianMirror(aptFolder = '/etc/apt'): string | undefined {
  return sourceTexts(aptFolder).flatMap(mirrorsIn).find(isMainArchive);
}

function sourceTexts(aptFolder: string): string[] {
  const listed = join(aptFolder, 'sources.list.d');
  const files = [
    join(aptFolder, 'sources.list'),
    ...namesIn(listed)
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => join(listed, name)),
  ];
  return files.map(readOrEmpty);
}

/** URIs of deb822 stanzas (`URIs: …`) and of one-line sources (`deb [options] URI suite component`). */
function mirrorsIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line) => {
    const stanza = /^URIs:\s*(.+)$/i.exec(line)?.[1]?.split(/\s+/);
    const oneLine = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line)?.[1];
    return stanza ?? (oneLine === undefined ? [] : [oneLine]);
  });
}

/** Security and third-party archives have other last path segments. */
const isMainArchive = (uri: string): boolean => /^https?:\/\/.+\/debian\/?$/.test(uri);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
