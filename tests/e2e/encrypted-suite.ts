import { describe, expect, it } from 'vitest';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import type { MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import { asRecord } from '../support/matrix-user-http.ts';
import { NioUser } from '../support/nio-user.ts';
import { type StageOptions, useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';

/**
 * What is special about encrypted rooms, with clients that are not ours: who may read what, and that it stays so while
 * parts of the system die.
 */
export function describeEncrypted(
  name: string,
  startHomeserver: StartHomeserver,
  clientFor: NonNullable<StageOptions['clientFor']>,
): void {
  describe(`vagent in encrypted rooms of ${name}`, () => {
    const replicas = { worker: 3, egress: 2 };
    const stage = useStage({ startHomeserver, clientFor, replicas, partitions: 8 });

    it('T24: answers every question once and readably while an egress is killed, and no word of it is clear', async () => {
      const { system } = stage();
      const [ann, bob] = [await system.user('ann'), await system.user('bob')];
      const rooms = [await system.direct(ann), await system.direct(bob)];
      const talk = async (user: MatrixUser, room: string, isKilling: boolean): Promise<string[]> => {
        const asked: string[] = [];
        for (let i = 1; i <= 6; i += 1) {
          asked.push(await user.say(room, `${question} (${i})`));
          if (isKilling && i === 3) await system.process('egress-1').kill('SIGKILL');
        }
        return asked;
      };
      const [annAsked, bobAsked] = await Promise.all([
        talk(ann, rooms[0] ?? '', true),
        talk(bob, rooms[1] ?? '', false),
      ]);
      await system.start(['egress-1']);
      for (const [room, asked] of [
        [rooms[0], annAsked],
        [rooms[1], bobAsked],
      ] as const) {
        for (const event of asked) {
          const { text } = await answerTo(system, room ?? '', event, 60_000);
          expect(text).toMatch(/authenticator|recovery code/i);
        }
      }
      await expectNothingClear(ann, rooms[0] ?? '', system.botId, ['2FA', 'authenticator', 'recovery']);
      await expectNothingClear(bob, rooms[1] ?? '', system.botId, ['2FA', 'authenticator', 'recovery']);
    });

    it('T24: asks an encrypted admin room, takes a reply for an answer, and shows the outcome, all unreadable from outside', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'cora', 'Lyra');
      const [, ron] = system.reviewers;
      const decision = await ron.reply(system.adminRoom, prompt.event.event_id, 'approve');
      expect((await answerTo(system, room, decision)).text).toMatch(/Approved by .*ron.*Lyra/s);
      expect((await outcomeOf(system, prompt)).text).toMatch(/Approved by .*ron/);
      expect(deletions('Lyra').applied).toBe(1);
      await expectNothingClear(ron, system.adminRoom, system.botId, ['Lyra', 'delete_records', prompt.code]);
    });

    it('uses no key twice: no two events of a session have the same index', async () => {
      const { system } = stage();
      const { roomId, reader } = system.rooms.find(({ kind }) => kind === 'direct') ?? expect.fail();
      const raw = await asNio(reader).raw(roomId);
      const ciphertexts = raw.flatMap(({ type, content }) =>
        type === 'm.room.encrypted' ? [String(content['ciphertext'])] : [],
      );
      const places = ciphertexts.map(indexOf);
      expect(places.length).toBeGreaterThan(10);
      const sessions = raw.flatMap(({ type, content }) =>
        type === 'm.room.encrypted' ? [String(content['session_id'])] : [],
      );
      const used = places.map((index, at) => `${sessions[at]} ${index}`);
      expect(new Set(used).size).toBe(used.length);
    });
  });
}

/** Files go both ways encrypted; a scripted model tells what reached it. */
export function describeEncryptedFiles(
  name: string,
  startHomeserver: StartHomeserver,
  clientFor: NonNullable<StageOptions['clientFor']>,
): void {
  describe(`files in encrypted rooms of ${name}`, () => {
    const stage = useStage({ startHomeserver, clientFor, withModel: true });

    it('a file reaches the model, a long answer comes with one, and neither is clear at the homeserver', async () => {
      const { system, model } = stage();
      const eve = asNio(await system.user('eve'));
      const room = await system.direct(eve);
      const chapters = Array.from(
        { length: 60 },
        (_, n) => `## Chapter ${n}\n\n${`Words of ${n}. `.repeat(120)}`,
      );
      model.on(/notes\.txt/, [{ kind: 'text', text: chapters.join('\n\n') }], null);
      const file = await eve.upload('The heron nests in the marsh.');
      const asked = await eve.send(room, {
        msgtype: 'm.file',
        body: 'How do I reset my 2FA, as notes.txt says?',
        filename: 'notes.txt',
        file,
      });
      await answerTo(system, room, asked, 60_000);
      expect(JSON.stringify(model.requests)).toContain('The heron nests in the marsh.');
      const answer = await eve.waitFor(
        room,
        ({ sender, content }) => sender === system.botId && 'file' in content,
      );
      const sent = asRecord(answer.content['file']);
      expect(await eve.download(sent)).toContain('## Chapter 59');
      const media = await fetchMedia(eve, String(sent['url']));
      expect(media).not.toContain('Chapter');
      await expectNothingClear(eve, room, system.botId, ['heron', 'Chapter', 'notes.txt', 'answer.md']);
    });
  });
}

async function fetchMedia(user: MatrixUser, url: string): Promise<string> {
  const answer = await user.fetch('GET', `/v1/media/download/${url.replace('mxc://', '')}`);
  expect(answer.ok).toBe(true);
  return Buffer.from(await answer.arrayBuffer()).toString('latin1');
}

function asNio(user: MatrixUser): NioUser {
  if (user instanceof NioUser) return user;
  throw new Error(`${user.userId} has no encrypting client`);
}

/** What the bot sent is encrypted, reactions aside, and none of the words stands anywhere in the room as it is kept. */
async function expectNothingClear(
  reader: MatrixUser,
  room: string,
  botId: string,
  words: readonly string[],
): Promise<void> {
  const raw = await asNio(reader).raw(room);
  const said = raw.filter((event) => event.sender === botId && isMessage(event));
  expect(said.length).toBeGreaterThan(0);
  expect(said.map(({ type }) => type)).toEqual(said.map(() => 'm.room.encrypted'));
  const kept = JSON.stringify(raw);
  for (const word of words) expect(kept).not.toContain(word);
}

function isMessage({ type, state_key }: MatrixEvent): boolean {
  return state_key === undefined && type !== 'm.reaction' && type !== 'm.room.redaction';
}

/** The message index that a Megolm message names in clear: version 3, then tag 0x08 and a varint (Megolm, "Message format"). */
function indexOf(ciphertext: string): number {
  const bytes = Buffer.from(ciphertext, 'base64');
  expect([bytes[0], bytes[1]]).toEqual([3, 0x08]);
  let index = 0;
  for (let at = 2, shift = 0; ; at += 1, shift += 7) {
    const byte = bytes[at] ?? expect.fail();
    index |= (byte & 0x7f) << shift;
    if (byte < 0x80) return index;
  }
}
