import { describe, expect, it } from 'vitest';
import type { Decrypted } from '#crypto/crypto-device';
import type { Queued } from './ciphertext-queue.ts';
import { createOpener, type Opening } from './create-opener.ts';

const room = '!r:localhost';

interface Sent {
  /** Of the megolm session that it is encrypted with. */
  readonly key?: string;
  readonly sender?: string;
  readonly thread?: string;
  readonly edits?: string;
}

/** A queue in memory, and a device that knows the keys it is given. */
function stage(options: { maxWaiting?: number; batchSize?: number } = {}) {
  const queue: Queued[] = [];
  const keys = new Set<string>();
  const broken = new Set<string>();
  const decrypt = async (raw: unknown): Promise<Decrypted> => {
    const { content } = Object(raw);
    if (broken.has(content.key)) return { ok: false, isLate: false, reason: 'its code is wrong' };
    if (!keys.has(content.key)) return { ok: false, isLate: true, reason: 'its key has not come' };
    const clear = { msgtype: 'm.text', body: content.says, 'm.new_content': { body: content.says } };
    return { ok: true, type: 'm.room.message', content: clear, isSigned: true };
  };
  const opener = createOpener({
    device: { decrypt },
    queue: {
      read: async (after, count) =>
        queue.filter(({ id }) => Number(id) > Number(after.split('-')[0])).slice(0, count),
      readOne: async (id) => queue.find((one) => one.id === id),
    },
    keyWaitMs: 30_000,
    ...options,
  });
  let now = 1_000;
  const append = (event: object): void => {
    queue.push({ id: String(queue.length + 1), since: now, room, raw: { origin_server_ts: 0, ...event } });
  };
  return {
    opener,
    keys,
    broken,
    pass: (ms: number) => {
      now += ms;
    },
    send: (says: string, { key = 'known', sender = '@ana:localhost', thread, edits }: Sent = {}) => {
      const relation =
        thread !== undefined
          ? { 'm.relates_to': { rel_type: 'm.thread', event_id: thread } }
          : edits !== undefined
            ? { 'm.relates_to': { rel_type: 'm.replace', event_id: edits } }
            : {};
      const content = { says, key, ...relation };
      append({ event_id: `$${says.replaceAll(' ', '_')}`, sender, type: 'm.room.encrypted', content });
    },
    redact: (target: string) => {
      const content = { redacts: target };
      append({
        event_id: `$redacts${target.slice(1)}`,
        sender: '@ana:localhost',
        type: 'm.room.redaction',
        content,
      });
    },
    next: async (isRetry = true) => told((await opener.next(now, isRetry)).openings),
  };
}

/** The text of what could be read, `!id` of what could not, `?kind` of the rest. */
function told(openings: readonly Opening[]): string[] {
  return openings.map(({ event }) => {
    if (event?.kind === 'message' || event?.kind === 'edit') return event.text;
    return event?.kind === 'undecryptable' ? `!${event.eventId}` : `?${event?.kind}`;
  });
}

describe('createOpener', () => {
  it('opens in order what it has the keys for', async () => {
    const { keys, send, next } = stage();
    keys.add('known');
    send('one');
    send('two', { sender: '@ben:localhost' });
    expect(await next()).toEqual(['one', 'two']);
    expect(await next()).toEqual([]);
  });

  it('F64: holds back what one person says in one place, and lets others pass', async () => {
    const { keys, send, next } = stage();
    keys.add('known');
    send('late', { key: 'new' });
    send('behind it');
    send('in a thread', { thread: '$root' });
    send('of another', { sender: '@ben:localhost' });
    expect(await next()).toEqual(['in a thread', 'of another']);
    expect(await next()).toEqual([]);
    keys.add('new');
    expect(await next(false)).toEqual([]);
    expect(await next()).toEqual(['late', 'behind it']);
  });

  it('T24: nobody holds up what another one writes, by edits whose key they keep', async () => {
    const { keys, send, next } = stage();
    send('late', { key: 'new' });
    send('not yours', { key: 'kept', sender: '@mal:localhost', edits: '$late' });
    send('behind it', { key: 'new' });
    expect(await next()).toEqual([]);
    keys.add('new');
    expect(await next()).toEqual(['late', 'behind it']);
  });

  it('F64: gives up after the wait, once, and goes on with what is behind', async () => {
    const { keys, send, pass, next } = stage();
    keys.add('known');
    send('never', { key: 'lost' });
    send('behind');
    pass(29_999);
    expect(await next()).toEqual([]);
    send('newer', { key: 'lost' });
    pass(1);
    expect(await next()).toEqual(['!$never', 'behind']);
    pass(30_000);
    expect(await next()).toEqual(['!$newer']);
    expect(await next()).toEqual([]);
  });

  it('does not wait for what can never be read', async () => {
    const { broken, keys, send, next } = stage();
    keys.add('known');
    broken.add('forged');
    send('forged', { key: 'forged' });
    send('true');
    expect(await next()).toEqual(['!$forged', 'true']);
  });

  it('keeps an edit behind the message that it edits', async () => {
    const { keys, send, next } = stage();
    keys.add('known');
    send('question', { key: 'late', thread: '$root' });
    send('edited', { edits: '$question' });
    expect(await next()).toEqual([]);
    keys.add('late');
    expect(await next()).toEqual(['question', 'edited']);
  });

  it('takes out what is redacted while it waits', async () => {
    const { keys, send, redact, next, opener } = stage();
    keys.add('known');
    send('slip', { key: 'late' });
    send('behind');
    redact('$slip');
    expect(await next()).toEqual(['?redaction']);
    expect(opener.waiting.size).toBe(1);
    expect(await next()).toEqual(['behind']);
  });

  it('knows an event that was appended twice', async () => {
    const { keys, send, next, opener } = stage();
    send('late', { key: 'late' });
    send('late', { key: 'late' });
    expect(await next()).toEqual(['?undefined']);
    expect(opener.waiting.size).toBe(1);
    keys.add('late');
    expect(await next()).toEqual(['late']);
  });

  it('holds a bounded number: the oldest make way', async () => {
    const { send, next, opener } = stage({ maxWaiting: 2 });
    send('1', { key: 'a', sender: '@a:localhost' });
    send('2', { key: 'b', sender: '@b:localhost' });
    expect(await next()).toEqual([]);
    send('3', { key: 'c', sender: '@c:localhost' });
    expect(await next()).toEqual(['!$1']);
    expect(opener.waiting.size).toBe(2);
  });

  it('takes no more at once than a batch, and says that there is more', async () => {
    const { keys, send, opener } = stage({ batchSize: 2 });
    keys.add('known');
    for (const says of ['1', '2', '3']) send(says);
    const first = await opener.next(0, true);
    expect([told(first.openings), first.hasMore]).toEqual([['1', '2'], true]);
    const second = await opener.next(0, true);
    expect([told(second.openings), second.hasMore]).toEqual([['3'], false]);
  });

  it('passes on entries that were changed by hand, for whoever keeps dead letters', async () => {
    const { opener } = stage();
    const { openings } = await createOpener({
      device: { decrypt: async () => ({ ok: false, isLate: true, reason: '' }) },
      queue: {
        read: async () => [{ id: '1', since: 0, room: '', raw: undefined }],
        readOne: async () => undefined,
      },
      keyWaitMs: 1,
    }).next(0, true);
    expect(openings).toMatchObject([{ outcome: 'clear', event: { kind: 'unreadable' } }]);
    expect(opener.cursor()).toBe('0-0');
  });
});
