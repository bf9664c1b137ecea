import ipaddr from 'ipaddr.js';
import { maskedSign } from './normalise-text.ts';
import type { Finding } from './privacy.ts';

const edge = `[\\p{L}\\p{N}_.${maskedSign}]`;
/** A run of digits and dots, up to its end; a full stop behind it ends the sentence. */
const v4 = new RegExp(
  `(?<!${edge})[0-9]{1,3}(?:\\.[0-9]{1,3}){3}(?![\\p{L}\\p{N}_${maskedSign}]|\\.[0-9])`,
  'gu',
);
const v6 = new RegExp(
  `(?<![\\p{L}\\p{N}_.:${maskedSign}])[0-9a-f:][0-9a-f:.]{1,44}(?![\\p{L}\\p{N}_:${maskedSign}]|\\.[0-9a-f])`,
  'giu',
);
/** What every address of the version has somewhere, and few other texts: seen at a glance. */
const v4Glance = /[0-9]\.[0-9]{1,3}\.[0-9]/;
const v6Glance = /:[0-9a-f]{0,4}:/i;
const versionBefore = /(?:version|release|build|ver\.?|firmware)[ :=]{1,2}$/i;

/**
 * IP addresses of either version, private ones too: they tell about a network, and nobody could say which are harmless.
 * Numbers of versions, times and names such as `std::map` are none.
 */
export function findIpAddresses(text: string): Finding[] {
  return [...(v4Glance.test(text) ? findV4(text) : []), ...(v6Glance.test(text) ? findV6(text) : [])];
}

function findV4(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { 0: address, index } of text.matchAll(v4)) {
    if (versionBefore.test(text.slice(Math.max(0, index - 12), index))) continue;
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) continue;
    found.push({ kind: 'ip', start: index, end: index + address.length });
  }
  return found;
}

function findV6(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { 0: run, index } of text.matchAll(v6)) {
    const address = run.replace(/(?<!:):$|\.$/, '');
    if (isSpelledOut(address) && ipaddr.IPv6.isValid(address)) {
      found.push({ kind: 'ip', start: index, end: index + address.length });
    }
  }
  return found;
}

/** `a::b` may be a name in a program: an address has a digit and more than one group. */
function isSpelledOut(address: string): boolean {
  const groups = address.split(':').filter((group) => group !== '');
  return groups.length >= 2 && /[0-9]/.test(address);
}
