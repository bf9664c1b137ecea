import { describe, expect, it } from 'vitest';
import type { EntryOf } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { formatSessionId } from '#contract/session-id';
import { silence } from './silence.ts';

const room = '!r:example.org';
const sender = '@ana:example.org';

function undecryptable(tell: boolean): EntryOf<'message.received'> {
  return {
    type: 'message.received',
    id: '$late',
    session: formatSessionId({ room, thread: null, user: sender }),
    at: '2026-01-01T00:00:00.000Z',
    trace: '',
    body: {
      ...{ eventId: '$late', sender, displayName: null, text: '', thread: null, replyTo: null, direct: true },
      ...{ attachments: [], encrypted: true, originTime: '2026-01-01T00:00:00.000Z' },
      undecryptable: { reason: 'its key has not come', tell },
    },
  };
}

const endOf = (tell: boolean) => {
  const entry = undecryptable(tell);
  const deps = { redis: Object(null), keys: createKeys('p'), switches: { off: () => undefined } };
  return silence(deps, { ...Object(null), partition: 0, entry }, entry);
};

describe('silence', () => {
  it('F64: tells the sender of a message that could not be decrypted, by an answer to it', async () => {
    const end = await endOf(true);
    expect(end).toMatchObject({
      outcome: 'undecryptable',
      outputs: [
        {
          entry: {
            type: 'reply.finished',
            body: { replyTo: '$late', text: expect.stringContaining('send it again') },
          },
        },
      ],
    });
    expect(JSON.stringify(end)).not.toContain('its key has not come');
  });

  it('F64: ends the turn without words where the sender was told lately', async () => {
    expect(await endOf(false)).toMatchObject({
      outcome: 'undecryptable',
      outputs: [{ entry: { type: 'turn.status', body: { state: 'idle', replyTo: '$late', text: '' } } }],
    });
  });
});
