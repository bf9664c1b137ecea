import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPageUrl } from './check-page-url.ts';
import { isPublicAddress } from './is-public-address.ts';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8'])(
    'takes %s for public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::808:808',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
    'not an address',
  ])('does not take %s for public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('judges an IPv4 address within IPv6 as the address itself', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublicAddress(address));
      }),
    );
  });
});

describe('checkPageUrl', () => {
  it.each([
    ['https://forgebase.example/docs', 'https://forgebase.example/docs'],
    ['http://93.184.216.34/', 'http://93.184.216.34/'],
    ['https://[2606:4700::1111]:443/x', 'https://[2606:4700::1111]/x'],
    ['http://docs.forgebase.example.:80/', 'http://docs.forgebase.example./'],
  ])('reads %s', (written, href) => {
    const checked = checkPageUrl(written, {});
    expect(checked.ok && checked.url.href).toBe(href);
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::8.8.8.8]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[fd00:ec2::254]/',
    'http://0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST/',
    'http://a.localhost/',
    'http://metadata.google.internal/',
    'http://redis/',
    'http://printer.local/',
    'http://user@forgebase.example/',
    'http://user:secret@forgebase.example/',
    'http://forgebase.example@127.0.0.1/',
    'http://127.0.0.1\\@forgebase.example/',
    'http://127.0.0.1#@forgebase.example/',
    'http://forgebase.example:6379/',
    'http://forgebase.example:22/',
    'https://forgebase.example:8443/',
    'ftp://forgebase.example/',
    'file:///etc/passwd',
    'gopher://forgebase.example/',
    'data:text/plain,hello',
    'javascript:alert(1)',
    '//forgebase.example/',
    'forgebase.example',
    '',
    `https://forgebase.example/${'a'.repeat(2_000)}`,
  ])('refuses %s and says why', (written) => {
    const checked = checkPageUrl(written, {});
    expect(checked.ok).toBe(false);
    expect(!checked.ok && checked.why).toMatch(/^(?:this|only|an address|the address|port) /);
  });

  it.each([
    ['https://forgebase.example/', true],
    ['https://docs.forgebase.example/', true],
    ['https://DOCS.Forgebase.Example./', true],
    ['https://notforgebase.example/', false],
    ['https://forgebase.example.evil.example/', false],
    ['https://evil.example/?forgebase.example', false],
  ])('with a list of hosts: %s is read: %s', (written, ok) => {
    expect(checkPageUrl(written, { allowedHosts: ['forgebase.example'] }).ok).toBe(ok);
  });

  it('takes no text for an address that is not public, however it is written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.ipV4Extended().map((ip) => `http://${ip}/`),
        ),
        (written) => {
          const checked = checkPageUrl(written, {});
          if (!checked.ok) return;
          expect(['http:', 'https:']).toContain(checked.url.protocol);
          const host = checked.url.hostname;
          if (/^[\d.]+$/.test(host)) expect(isPublicAddress(host)).toBe(true);
        },
      ),
    );
  });
});
