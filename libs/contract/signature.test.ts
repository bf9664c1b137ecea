import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from './entry.ts';
import { createSignatures, type SigningKey } from './signature.ts';

const keyOf = (id: string): SigningKey => ({ id, bytes: randomBytes(32) });
const own = keyOf('own');
const strict = { isUnsignedAccepted: false };
const signatures = createSignatures([own], strict);
const stream = 'vagent:{3}:inbound';

/** Names and values in turn, as Redis keeps them; no name twice, and none of them ours. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const fields = fc
  .uniqueArray(
    fc.tuple(
      text.filter((name) => name !== 'sig'),
      text,
    ),
    {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 9,
    },
  )
  .map((pairs) => pairs.flat());

describe('signatures of entries', () => {
  it('fit what they were made for, whichever of our keys made them', () => {
    const older = keyOf('older');
    const both = createSignatures([own, older], strict);
    const before = createSignatures([older], strict);
    fc.assert(
      fc.property(fc.string(), fields, (key, given) => {
        expect(signatures.check(key, signatures.sign(key, given))).toEqual({ ok: true });
        expect(both.check(key, before.sign(key, given))).toEqual({ ok: true });
        expect(signatures.sign(key, given).slice(0, given.length)).toEqual(given);
      }),
    );
  });

  it('fit nothing else: one part changed, taken out, put in or swapped', () => {
    const change = fc.constantFrom('change', 'cut', 'insert', 'swap');
    fc.assert(
      fc.property(fields, change, fc.nat(), fc.string(), (given, how, seed, other) => {
        const signed = signatures.sign(stream, given);
        const at = seed % given.length;
        const forged = [...signed];
        if (how === 'change') forged[at] = `${forged[at]}${other || 'x'}`;
        if (how === 'cut') forged.splice(at - (at % 2), 2);
        if (how === 'insert') forged.splice(at - (at % 2), 0, `new ${other}`, other);
        if (how === 'swap') forged.splice(at, 2, forged[at + 1] ?? '', forged[at] ?? '');
        fc.pre(JSON.stringify(forged) !== JSON.stringify(signed));
        expect(signatures.check(stream, forged)).toMatchObject({ ok: false, problem: 'forged' });
      }),
      { numRuns: 500 },
    );
  });

  it('never fit under a signature that somebody made up', () => {
    const sig = fc.oneof(
      fc.string(),
      fc.base64String().map((digest) => `hs1.own.${digest}`),
      fc.constantFrom('', 'hs1', 'hs1.own', 'hs1.own.', 'hs1.own.AAAA.x', '__proto__', 'hs2.own.AAAA'),
    );
    fc.assert(
      fc.property(fields, sig, (given, made) => {
        expect(signatures.check(stream, [...given, 'sig', made]).ok).toBe(false);
      }),
    );
  });

  it('T23: do not fit in another stream, another partition or another system', () => {
    const signed = signatures.sign(stream, ['id', '$event']);
    for (const key of ['vagent:{3}:outbound', 'vagent:{4}:inbound', 'other:{3}:inbound']) {
      expect(signatures.check(key, signed)).toMatchObject({ problem: 'forged' });
    }
  });

  it('are left for a process that has their key', () => {
    const foreign = createSignatures([keyOf('foreign')], strict);
    const checked = signatures.check(stream, foreign.sign(stream, ['id', '$event']));
    expect(checked).toMatchObject({ problem: 'unknown', reason: expect.stringContaining('PAYLOAD_KEY') });
  });

  it('may be missing only where that is accepted, and never be wrong', () => {
    const lenient = createSignatures([own], { isUnsignedAccepted: true });
    const plain = ['id', '$event'];
    expect(signatures.check(stream, plain)).toMatchObject({ problem: 'forged' });
    expect(lenient.check(stream, plain)).toEqual({ ok: true });
    const moved = lenient.sign('vagent:{3}:timers', plain);
    expect(lenient.check(stream, moved)).toMatchObject({ problem: 'forged' });
  });

  it('are made with a key that is derived from the one that seals, the same in every process', () => {
    const entry = encodeEntry({
      type: 'session.reset',
      id: 'reset-1',
      session: '!room:a.org:main:@ana:a.org',
      at: '2026-01-02T03:04:05.000Z',
      body: { by: '@ana:a.org' },
    });
    const elsewhere = createSignatures([{ ...own, bytes: Buffer.from(own.bytes) }], strict);
    expect(elsewhere.check(stream, signatures.sign(stream, entry))).toEqual({ ok: true });
    const text = [stream, ...entry].map((part) => `${part.length}:${part}`).join(',');
    const underived = createHmac('sha256', own.bytes).update(text).digest('base64url');
    expect(signatures.check(stream, [...entry, 'sig', `hs1.own.${underived}`]).ok).toBe(false);
  });
});
