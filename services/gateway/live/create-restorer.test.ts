import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../api/live.ts';
import { createRestorer } from './create-restorer.ts';

const log = pino({ level: 'silent' });
const email = '[EMAIL-7F3K2Q9D]';
const phone = '[PHONE-0A1B2C3D]';

function said(text: string, session = 's'): LiveEvent {
  const about = { id: '1-0,0-0,0-0', session, turn: '$t', at: '2026-01-01T00:00:00.000Z' };
  return { ...about, event: 'reply', reply: '$t', text };
}

function textOf(event: LiveEvent): string {
  return event.event === 'reply' ? event.text : event.event;
}

/** A vault with one session that counts what it is asked. */
function openVault() {
  const values = new Map([
    [email, 'ana@example.org'],
    [phone, '+49 30 123456'],
  ]);
  const asked: string[][] = [];
  return {
    asked,
    read: async (session: string, placeholders: readonly string[]) => {
      asked.push([session, ...placeholders]);
      return session === 's' ? values : new Map<string, string>();
    },
  };
}

describe('a restorer', () => {
  it('asks the vault once for all that comes in one tick, and not again for what it knows', async () => {
    const vault = openVault();
    const restorer = createRestorer(vault, log);
    const events = [said(`mail ${email}`), said(`call ${phone}`), said(`${email} or ${phone}`)];
    const shown = await Promise.all(events.map(restorer));
    expect(shown.map(textOf)).toEqual([
      'mail ana@example.org',
      'call +49 30 123456',
      'ana@example.org or +49 30 123456',
    ]);
    expect(vault.asked).toEqual([['s', email, phone]]);
    expect(restorer(said(`again ${email}`))).toMatchObject({ text: 'again ana@example.org' });
    expect(vault.asked).toHaveLength(1);
  });

  it('answers the same event with the same object, and one without placeholders with itself', async () => {
    const restorer = createRestorer(openVault(), log);
    const event = said(email);
    expect(restorer(event)).toBe(restorer(event));
    const plain = said('nothing to restore [here](https://example.org)');
    expect(restorer(plain)).toBe(plain);
  });

  it('knows escaped placeholders, and leaves those of another session as they are', async () => {
    const restorer = createRestorer(openVault(), log);
    expect(textOf(await restorer(said('\\[EMAIL\\-7F3K2Q9D\\]')))).toBe('ana@example.org');
    expect(textOf(await restorer(said(email, 'other')))).toBe(email);
  });

  it('shows placeholders when the vault cannot be read', async () => {
    const restorer = createRestorer({ read: () => Promise.reject(new Error('away')) }, log);
    expect(textOf(await restorer(said(email)))).toBe(email);
  });
});
