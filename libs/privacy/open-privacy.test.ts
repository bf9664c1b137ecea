import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPrivacy, type Privacy } from './open-privacy.ts';

let dir = '';
let privacy: Privacy;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vagent-privacy-'));
  privacy = await openPrivacy({ playbookDir: dir, payloadKey: undefined }, pino({ level: 'silent' }));
});
afterEach(() => rm(dir, { recursive: true }));

function nested(levels: number): unknown {
  let value: unknown = 'ann@example.org';
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

describe('withoutPersonalData', () => {
  it('keeps an event without what it says of people, wherever it stands', () => {
    const event = { type: 'm.x', content: { body: 'I am ann@example.org', of: ['10.0.0.1', 7, null] } };
    expect(privacy.withoutPersonalData(event)).toEqual({
      type: 'm.x',
      content: { body: 'I am [EMAIL]', of: ['[IP]', 7, null] },
    });
  });

  it('keeps nothing of what is no JSON, or too deep to be looked through', () => {
    expect(privacy.withoutPersonalData({ at: () => undefined })).toBeNull();
    expect(JSON.stringify(privacy.withoutPersonalData(nested(50)))).toContain('[EMAIL]');
    expect(privacy.withoutPersonalData(nested(100_000))).toBeNull();
  });
});
