import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionOf, approval, approvalCodeOf, approvalIdOf } from './approval.ts';

describe('approval ids', () => {
  it('are the same for the same cause, and others for any other cause', () => {
    const cause = fc.tuple(fc.string(), fc.string(), fc.string());
    fc.assert(
      fc.property(cause, cause, (a, b) => {
        expect(approvalIdOf(...a)).toBe(approvalIdOf(...a));
        expect(approvalIdOf(...a) === approvalIdOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    expect(approvalIdOf('a', 'bc', 'd')).not.toBe(approvalIdOf('ab', 'c', 'd'));
  });

  it('can be read aloud, and so can their codes', () => {
    fc.assert(
      fc.property(fc.string(), (session) => {
        const id = approvalIdOf(session, 't', 'i');
        expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
        expect(approval.shape.id.safeParse(id).success).toBe(true);
        expect(approvalCodeOf(id)).toBe(id.slice(0, 6));
      }),
    );
  });

  it('spread over all codes', () => {
    const codes = Array.from({ length: 2_000 }, (_, turn) =>
      approvalCodeOf(approvalIdOf('s', String(turn), 'i')),
    );
    expect(new Set(codes).size).toBeGreaterThan(1_995);
    expect(new Set(codes.join('')).size).toBe(32);
  });
});

describe('actionOf', () => {
  it('digests name and arguments, whatever the order of the arguments', () => {
    const a = actionOf('delete_records', { project: 'Apollo', force: false });
    const b = actionOf('delete_records', { force: false, project: 'Apollo' });
    expect(a.digest).toBe(b.digest);
    expect(a.digest).not.toBe(actionOf('delete_records', { project: 'apollo', force: false }).digest);
    expect(a.digest).not.toBe(actionOf('delete_record', { project: 'Apollo', force: false }).digest);
  });
});
