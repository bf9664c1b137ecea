import { expect, test } from 'vitest';
import { tellAuditLine } from './tell-audit-line.ts';

const approval = '0123456789ABCDEFGHJK';

test.each([
  [
    {
      type: 'approval.requested',
      requester: '@ann:x',
      actions: `refund_invoice ${'a'.repeat(64)}, tell ${'b'.repeat(64)}`,
    },
    { what: '012345: asked for refund_invoice, tell', by: '@ann:x', isBad: false },
  ],
  [
    { type: 'decision.counted', decision: 'edit', by: '@rita:x', via: 'console' },
    { what: '012345: edit counted, by console', by: '@rita:x', isBad: false },
  ],
  [
    { type: 'decision.refused', decision: 'approve', by: '@eve:x', text: 'not a reviewer' },
    { what: '012345: approve refused: not a reviewer', by: '@eve:x', isBad: true },
  ],
  [
    { type: 'permit.started', action: '0' },
    { what: '012345: action 1 begins', by: null, isBad: false },
  ],
  [
    { type: 'permit.used', action: '1', status: 'failed' },
    { what: '012345: action 2 ended as failed', by: null, isBad: true },
  ],
  [
    { type: 'approval.resolved', status: 'approved' },
    { what: '012345: ended as approved', by: null, isBad: false },
  ],
  [
    { type: 'access.revoked', kind: 'jti', subject: 'a-token', by: 'cli:ana', because: 'it leaked' },
    { what: 'The token a-token revoked: it leaked', by: 'cli:ana', isBad: false },
  ],
  [
    { type: 'access.revoked', kind: 'subject', subject: '@ben:x', by: 'cli:ana', because: '' },
    { what: 'Tokens and sign-ins of @ben:x revoked', by: 'cli:ana', isBad: false },
  ],
  [{ type: 'moon.rose_again' }, { what: 'moon rose again', by: null, isBad: false }],
])('a line of type %o reads as a sentence', (fields, sentence) => {
  expect(tellAuditLine({ approval, ...fields })).toEqual(sentence);
});

test('who settled a dead letter is told, and why it had died', () => {
  const fields = { type: 'dead.replayed', letter: '1-0', stream: 'inbound', reason: 'boom', by: 'cli:ana' };

  expect(tellAuditLine(fields)).toEqual({
    what: 'Dead letter of inbound replayed: boom',
    by: 'cli:ana',
    isBad: false,
  });
});

test('a line without fields is told too', () => {
  expect(tellAuditLine({})).toEqual({ what: 'A line without a type', by: null, isBad: false });
});
