import { describe, expect, it } from 'vitest';
import { stripMention } from './strip-mention.ts';

const names = { userId: '@vagent:example.org', displayName: 'Desk (Helper)' };

describe('stripMention', () => {
  it.each([
    ['@vagent:example.org: hi', 'hi'],
    ['@vagent:example.org, hi', 'hi'],
    ['@vagent:example.org hi', 'hi'],
    ['@vagent hi', 'hi'],
    ['@vagent: hi', 'hi'],
    ['vagent: hi', 'hi'],
    ['VAGENT : hi', 'hi'],
    ['Desk (Helper): hi', 'hi'],
    ['@Desk (Helper) hi', 'hi'],
    ['  vagent:hi', 'hi'],
    ['@vagent?', '?'],
    ['vagent:', 'vagent:'],
  ])('takes the address from %j', (text, rest) => {
    expect(stripMention(text, names, false)).toEqual({ isAddressed: true, text: rest });
  });

  it.each([
    'vagent hi',
    'vagents: hi',
    'hi vagent: you',
    '@vagent:other.org hi',
    '@vagent.two hi',
    'Desk hi',
    '',
  ])('sees no address in %j', (text) => {
    expect(stripMention(text, names, false)).toEqual({ isAddressed: false, text });
  });

  it('takes a bare name for an address where the sender lists the bot', () => {
    expect(stripMention('vagent hi', names, true)).toEqual({ isAddressed: true, text: 'hi' });
    expect(stripMention('hi there', names, true)).toEqual({ isAddressed: true, text: 'hi there' });
    expect(stripMention('vagents hi', names, true)).toEqual({ isAddressed: true, text: 'vagents hi' });
  });

  it('does not take an empty display name for one', () => {
    expect(stripMention(': hi', { ...names, displayName: ' ' }, false).isAddressed).toBe(false);
  });
});
