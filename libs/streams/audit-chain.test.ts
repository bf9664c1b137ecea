import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainStart, linkRecord, verifyChain } from './audit-chain.ts';

interface Line {
  id: string;
  fields: string[];
}

const record = fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), fc.string({ maxLength: 6 }), {
  maxKeys: 4,
});
const chain = fc.array(record, { minLength: 1, maxLength: 8 }).map((records) => {
  let head = chainStart;
  const lines = records.map((one, index): Line => {
    const { fields, hash } = linkRecord(head, one);
    head = hash;
    return { id: `${index + 1}-0`, fields };
  });
  return { lines, head };
});
const place = fc.nat();

describe('the audit chain', () => {
  it('is intact as it was written', () => {
    expect(verifyChain([], null)).toEqual({ isIntact: true, lines: 0, head: chainStart });
    fc.assert(
      fc.property(chain, ({ lines, head }) => {
        expect(verifyChain(lines, head)).toEqual({ isIntact: true, lines: lines.length, head });
      }),
    );
  });

  it('shows any change of any field', () => {
    fc.assert(
      fc.property(chain, place, place, fc.string({ maxLength: 4 }), ({ lines, head }, line, field, text) => {
        const changed = structuredClone(lines);
        const fields = changed[line % changed.length]?.fields ?? [];
        const at = field % fields.length;
        fc.pre(fields[at] !== text);
        fields[at] = text;
        expect(verifyChain(changed, head).isIntact).toBe(false);
      }),
    );
  });

  it('shows a line that is missing, at the end too', () => {
    fc.assert(
      fc.property(chain, place, ({ lines, head }, line) => {
        const cut = lines.toSpliced(line % lines.length, 1);
        expect(verifyChain(cut, head).isIntact).toBe(false);
      }),
    );
  });

  it('shows a line that was put in, even one that is linked to the line before', () => {
    fc.assert(
      fc.property(chain, place, record, ({ lines, head }, at, extra) => {
        const index = at % (lines.length + 1);
        const before = lines[index - 1]?.fields.at(-1) ?? chainStart;
        const { fields } = linkRecord(before, { ...extra, forged: 'yes' });
        expect(verifyChain(lines.toSpliced(index, 0, { id: 'x', fields }), head).isIntact).toBe(false);
      }),
    );
  });

  it('shows two lines that changed places', () => {
    fc.assert(
      fc.property(chain, place, ({ lines, head }, at) => {
        fc.pre(lines.length > 1);
        const index = at % (lines.length - 1);
        const [a, b] = lines.slice(index, index + 2);
        if (a === undefined || b === undefined) throw new Error('The precondition gives two lines');
        expect(verifyChain(lines.toSpliced(index, 2, b, a), head).isIntact).toBe(false);
      }),
    );
  });

  it('tells fields apart that read alike when they are joined', () => {
    const a = linkRecord(chainStart, { ab: 'c' });
    const b = linkRecord(chainStart, { a: 'bc' });
    expect(a.hash).not.toBe(b.hash);
  });

  it('names the first line that is wrong', () => {
    const first = linkRecord(chainStart, { what: 'requested' });
    const second = linkRecord(first.hash, { what: 'approved' });
    const lines = [
      { id: '1-0', fields: first.fields },
      { id: '2-0', fields: second.fields.with(1, 'rejected') },
    ];
    expect(verifyChain(lines, second.hash)).toMatchObject({ isIntact: false, line: '2-0' });
  });
});
