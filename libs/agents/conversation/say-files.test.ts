import { describe, expect, it } from 'vitest';
import type { GivenFile } from '#models/given-file';
import { filesForgotten, hasUsableFiles, sayUnreadFiles, withFileNames } from './say-files.ts';

const image: GivenFile = { kind: 'image', name: 'a.png', mimetype: 'image/png', base64: 'AAEC' };
const text: GivenFile = { kind: 'text', name: 'b.csv', mimetype: 'text/csv', text: 'a,b', isCut: false };
const unread: GivenFile = { kind: 'unread', name: 'c`.exe', why: 'type' };
const seeing = { usesModel: true, takesImages: true };
const blind = { usesModel: true };
const offline = { usesModel: false };

describe('files of a message', () => {
  it('are of use as far as the model can take them', () => {
    expect(hasUsableFiles(seeing, [image])).toBe(true);
    expect(hasUsableFiles(blind, [image])).toBe(false);
    expect(hasUsableFiles(blind, [text])).toBe(true);
    expect(hasUsableFiles(offline, [image, text])).toBe(false);
    expect(hasUsableFiles(seeing, [unread])).toBe(false);
  });

  it('are remembered by their names alone', () => {
    expect(withFileNames('Look', [image, unread])).toBe('Look\n[file: a.png, image/png]\n[file: c`.exe]');
    expect(withFileNames(' ', [text])).toBe('[file: b.csv, text/csv]');
    expect(withFileNames('Look', [])).toBe('Look');
    expect(JSON.stringify(filesForgotten([image, text]))).not.toMatch(/AAEC|a,b/);
  });

  it('that nothing could be made of are told, each with the reason', () => {
    expect(sayUnreadFiles(seeing, [image, text])).toBeUndefined();
    expect(sayUnreadFiles(blind, [image, text])).toBe(
      'I could not use the file `a.png`: I cannot look at images here. Please describe what it shows.',
    );
    expect(sayUnreadFiles(offline, [image, text])?.split('\n')).toHaveLength(2);
    expect(sayUnreadFiles(seeing, [unread])).toContain("`c'.exe`: it is of a type that I cannot read");
  });
});
