import { describe, expect, it } from 'vitest';
import { createPerson } from './person.ts';

const inKeys = (part: string): string =>
  part.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll('}', '%7D');
const open = (user: string) => createPerson(user, { inKeys, digests: ['aDigestOfAnn'] });
const ann = open('@ann:example.org');

describe('a person', () => {
  it.each([
    'see @ann:example.org.',
    '"@ann:example.org"',
    '!r:example.org:main:@ann:example.org',
    'thread:!r%3Aexample.org%3Amain%3A@ann%3Aexample.org:data',
    '@ann:example.org: look',
    'aDigestOfAnn',
  ])('is named in %s', (text) => {
    expect(ann.isNamedIn(text)).toBe(true);
  });

  it.each([
    '@ann:example.organic',
    '@ann:example.org:8448',
    '@ann:example.org.uk',
    '@ann:example-org',
    '@anna:example.org',
    '@ann:example.org-x',
    '{memory:user:@ann%3Aexample.org%3A8448}',
    'ann',
  ])('is not named in %s', (text) => {
    expect(ann.isNamedIn(text)).toBe(false);
  });

  it('owns conversations and keys that end with them, and no others', () => {
    expect(ann.ownsSession('!r:example.org:main:@ann:example.org')).toBe(true);
    expect(ann.ownsSession('!r:example.org:$thread:@ann:example.org')).toBe(true);
    expect(ann.ownsSession('!r:example.org:main:@bob:example.org')).toBe(false);
    expect(ann.ownsSession('not a session :@ann:example.org')).toBe(false);
    expect(ann.ownsKey('{3}:turns:!r:example.org:main:@ann:example.org')).toBe(true);
    expect(ann.ownsKey('{3}:thread:!r%3Aexample.org%3Amain%3A@ann%3Aexample.org:index')).toBe(true);
    expect(ann.ownsKey('{budget:user:@ann%3Aexample.org}:ledger')).toBe(true);
    expect(ann.ownsKey('{budget:user:@ann%3Aexample.org%3A8448}:ledger')).toBe(false);
    expect(ann.ownsKey('rate:user:@ann:example.org')).toBe(true);
    expect(ann.ownsKey('rate:user:@joann:example.org')).toBe(false);
  });

  it('may have a name of signs that mean something elsewhere', () => {
    for (const user of [
      '@a.n+n*(x)[y]$^|?\\:example.org',
      '@"quoted":example.org',
      '@a{1}:example.org',
      '@ä/=_-:example.org',
    ]) {
      const person = open(user);
      expect(person.isNamedIn(JSON.stringify({ sender: user }))).toBe(true);
      expect(person.isNamedIn(`hello ${user}`)).toBe(true);
      expect(person.isNamedIn('@axnn:example.org')).toBe(false);
      expect(person.ownsSession(`!r:example.org:main:${user}`)).toBe(true);
    }
  });
});
