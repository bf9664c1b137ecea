import { Buffer } from 'node:buffer';
import { DeviceId, EncryptionSettings, OlmMachine, RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { describe, expect, it } from 'vitest';
import { encryptedContentBytes, fitEncrypted } from './fit-encrypted.ts';

const relation = { rel_type: 'm.replace', event_id: `$${'x'.repeat(254)}` };
const html = { format: 'org.matrix.custom.html', formatted_body: `<p>${'x'.repeat(30_000)}</p>` };

describe('fitEncrypted', () => {
  it('leaves what fits as it is', () => {
    const content = { msgtype: 'm.text', body: 'x', ...html };
    expect(fitEncrypted(content)).toBe(content);
  });

  it('gives up formatting, of an edit too, where the text alone fits', () => {
    const text = { msgtype: 'm.text', body: 'x'.repeat(20_000) };
    const edit = { ...text, body: 'x', 'm.new_content': { ...text, ...html }, 'm.relates_to': relation };
    expect(fitEncrypted(edit)).toEqual({
      ...text,
      body: 'x',
      'm.new_content': text,
      'm.relates_to': relation,
    });
  });

  it('lets the largest content through that becomes an event of less than 65,536 bytes with any envelope', async () => {
    const longest = `!${'r'.repeat(244)}:localhost`;
    const room = () => new RoomId(longest);
    const machine = await OlmMachine.initialize(
      new UserId(`@${'b'.repeat(244)}:localhost`),
      new DeviceId('VAGENT_CRYPTO_EGRESS_31'),
    );
    await machine.shareRoomKey(room(), [], new EncryptionSettings());
    const content = { msgtype: 'm.text', body: '', 'm.relates_to': relation };
    content.body = 'x'.repeat(encryptedContentBytes - Buffer.byteLength(JSON.stringify(content)));
    const encrypted = await machine.encryptRoomEvent(room(), 'm.room.message', JSON.stringify(content));
    machine.close();
    const envelope = {
      room_id: longest,
      sender: `@${'b'.repeat(244)}:localhost`,
      auth_events: Array.from({ length: 10 }, () => `$${'a'.repeat(43)}`),
      prev_events: Array.from({ length: 20 }, () => `$${'p'.repeat(43)}`),
      hashes: { sha256: 'h'.repeat(43) },
      signatures: { localhost: { 'ed25519:a_1234': 's'.repeat(86) } },
      unsigned: { age_ts: Date.now() },
    };
    const bytes = Buffer.byteLength(encrypted) + Buffer.byteLength(JSON.stringify(envelope));
    expect(bytes).toBeLessThan(65_536 - 100);
    expect(bytes).toBeGreaterThan(62_000);
  });
});
