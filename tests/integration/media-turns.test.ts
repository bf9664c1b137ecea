import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { message, openMessageStage } from './message-stage.ts';

type Opened = Awaited<ReturnType<typeof openMessageStage>>;

const asked = 'slow: How do I reset my 2FA?';

/** Somebody sends a file, which was kept; resolves once the work on it has begun. */
async function sendFile(stage: Opened): Promise<string> {
  const key = stage.keys.media(stage.partition, 'one');
  const content = { kind: 'text', text: 'a text', isCut: false };
  await stage.redis.set(key, JSON.stringify({ id: 'one', content }), 'PX', 60_000);
  const kept = { id: 'one', mimetype: 'text/plain', bytes: 6 };
  const file = { name: 'a.txt', mimetype: null, size: null, url: 'mxc://localhost/abc', kept };
  await stage.publish(message('one', asked, { attachments: [file] }));
  await eventually(() => stage.begun.includes(asked), { what: 'the turn runs' });
  return key;
}

describe('the file of a message', () => {
  it('is there for the turn that answers it with a newer message, and gone behind that', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    const key = await sendFile(stage);
    await stage.publish(message('two', 'How do I add an SSH key?'));
    expect(await stage.ends('$one')).toBe('interrupted');
    expect(await stage.ends('$two')).toBe('replied');
    const [reply] = await stage.history();
    expect(reply?.text).toContain('`a.txt`');
    expect(await stage.redis.exists(key)).toBe(0);
  });

  it('goes with a message that is rolled back', async () => {
    await using stage = await openMessageStage({ doubleText: 'rollback' });
    const key = await sendFile(stage);
    await stage.publish(message('two', 'How do I add an SSH key?'));
    expect(await stage.ends('$one')).toBe('rolled_back');
    expect(await stage.redis.exists(key)).toBe(0);
  });
});
