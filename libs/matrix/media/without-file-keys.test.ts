import { describe, expect, it } from 'vitest';
import { withoutFileKeys } from './without-file-keys.ts';

describe('withoutFileKeys', () => {
  it('takes the keys of files and thumbnails out, also of an edit, and leaves the rest', () => {
    const file = { url: 'mxc://a/b', key: { k: 'secret' }, iv: 'x', hashes: {} };
    const content = { body: 'x', file, info: { thumbnail_file: file, size: 1 } };
    const raw = { content: { ...content, 'm.new_content': content }, list: [{ file }] };
    const clean = withoutFileKeys(raw);
    expect(JSON.stringify(clean)).not.toContain('secret');
    expect(clean).toMatchObject({
      content: { body: 'x', file: { url: 'mxc://a/b', iv: 'x' }, info: { size: 1 } },
    });
    expect(withoutFileKeys({ file: 'text', key: 'stays' })).toEqual({ file: null, key: 'stays' });
    expect(withoutFileKeys(null)).toBeNull();
  });
});
