import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMxc } from './parse-mxc.ts';

describe('parseMxc', () => {
  it.each([
    ['mxc://example.org/AbC_d-1', { server: 'example.org', id: 'AbC_d-1' }],
    ['mxc://localhost:8448/x', { server: 'localhost:8448', id: 'x' }],
    ['mxc://[2001:db8::1]:8448/x', { server: '[2001:db8::1]:8448', id: 'x' }],
  ])('takes %s apart', (uri, parts) => {
    expect(parseMxc(uri)).toEqual(parts);
  });

  it.each([
    'https://example.org/x',
    'file:///etc/passwd',
    'MXC://example.org/x',
    'mxc://example.org/../../etc/passwd',
    'mxc://example.org/..',
    'mxc://../x',
    'mxc://example.org/%2e%2e%2fadmin',
    'mxc://example.org/x?redirect=1',
    'mxc://example.org/x#y',
    'mxc://example.org@evil.example/x',
    'mxc://user:pass@example.org/x',
    'mxc://example.org\\@evil.example/x',
    'mxc://example.org/x\n',
    'mxc:///x',
    'mxc://example.org/',
    'mxc://exämple.org/x',
    `mxc://example.org/${'x'.repeat(256)}`,
    '',
  ])('T14: refuses %j', (uri) => {
    expect(parseMxc(uri)).toBeUndefined();
  });

  it('T14: lets nothing pass that could leave its place in a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (server, id) => {
        const parts = parseMxc(`mxc://${server}/${id}`);
        if (parts === undefined) return;
        const { pathname, host } = new URL(
          `https://hs.example/download/${encodeURIComponent(parts.server)}/${parts.id}`,
        );
        expect(host).toBe('hs.example');
        expect(pathname.split('/')).toHaveLength(4);
      }),
    );
  });
});
