import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanFileName } from './clean-file-name.ts';

describe('cleanFileName', () => {
  it.each([
    ['report.md', 'report.md'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ana\\photo.png', 'photo.png'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['a\u200bb\u2066c.txt', 'abc.txt'],
    ['.env', 'env'],
    ['..', 'file'],
    ['', 'file'],
    ['\u0000\n', 'file'],
    ['Übersicht 2026.csv', 'Übersicht 2026.csv'],
  ])('makes %j to %j', (name, clean) => {
    expect(cleanFileName(name)).toBe(clean);
  });

  it('never gives folders, signs that cannot be seen, nothing, or more than 120 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const clean = cleanFileName(name);
        expect(clean).not.toMatch(/[/\p{C}\u202a-\u202e\u2066-\u2069]/u);
        expect(clean).not.toMatch(/^\.|^$/);
        expect(Array.from(clean).length).toBeLessThanOrEqual(120);
      }),
    );
  });
});
