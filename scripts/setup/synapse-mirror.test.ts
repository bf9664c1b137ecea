import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDebianMirror } from './synapse-mirror.ts';

describe('findDebianMirror', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vagent-apt-'));
    mkdirSync(join(folder, 'sources.list.d'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads a deb822 stanza and passes over the security archive', () => {
    const stanzas = [
      'Types: deb\nURIs: http://mirror.test/debian-security\nSuites: stable-security',
      'Types: deb\n# http://mirror.test/archive/debian\nURIs: http://mirror.test/debian\nSuites: stable',
    ];
    writeFileSync(join(folder, 'sources.list.d', 'debian.sources'), stanzas.join('\n\n'));
    expect(findDebianMirror(folder)).toBe('http://mirror.test/debian');
  });

  it('reads a one-line source with options', () => {
    writeFileSync(
      join(folder, 'sources.list'),
      '# deb http://no.test/debian sid main\ndeb [arch=amd64 signed-by=/k] https://one.test/pub/debian/ bookworm main\n',
    );
    expect(findDebianMirror(folder)).toBe('https://one.test/pub/debian/');
  });

  it('finds none where apt uses other archives only', () => {
    writeFileSync(join(folder, 'sources.list'), 'deb http://archive.test/ubuntu noble main\n');
    expect(findDebianMirror(folder)).toBeUndefined();
  });
});
