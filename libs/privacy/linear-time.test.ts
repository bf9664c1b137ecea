import { describe, expect, it } from 'vitest';
import { createProtect } from './create-protect.ts';

const protect = createProtect({
  policy: { email: 'token', phone: 'token', card: 'mask', iban: 'token', ip: 'token', api_key: 'hash' },
  key: Buffer.alloc(32, 1),
});

const units = [
  ...['a', '1', '1 ', '1-', '1.', '1.1.', '::', 'f:', 'a@', '@', 'a.', 'a@a.', 'x@y.z-', 'ann@example.org '],
  ...['+1 ', '00 1', '(', '(555) ', '0171 ', '555-', '+4930123456 ', 'phone ', 'phone: 1 ', 'tel is is is '],
  ...['DE', 'DE89 ', 'DE 89 ', '4111 1111 1111 ', '4111.', '4111 - ', '٤', '\u200b', '\u0301', '1a'],
  ...['[EMAIL-', '[EMAIL-ABCDEFGH]', 'password: ü', 'pwd=“'],
  ...['token=', 'token ', 'password is ', 'token: a1', 'sk-', 'sk-a-', 'ghp_a', 'eyJ-', 'eyJ.', 'SG.'],
  ...['eyJ.eyJabcdefgh.', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----'],
];

/** The work of this thread alone, not time: a busy machine changes nothing about it. The least of some tries, without pauses to collect garbage. */
function costMs(text: string): number {
  const tries = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    protect(text, '!r:example.org:main:@a:example.org');
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...tries);
}

describe('protect', () => {
  it.each(units)('takes work in proportion to the length of %j repeated to 60 KB', (unit) => {
    const ofBytes = (bytes: number): string => unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)));
    const short = costMs(ofBytes(15_000));
    // Four times the text; the square of it would be sixteen times, and more than a second for most of these.
    expect(costMs(ofBytes(60_000))).toBeLessThan(short * 10 + 100);
  });
});
