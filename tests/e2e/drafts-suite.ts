import { describe, expect, it } from 'vitest';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

/** Replies that a model writes: shown while they grow, whatever becomes of the model or of the worker. */
export function describeDrafts(name: string, startHomeserver: StartHomeserver): void {
  describe(`vagent with a model on ${name}`, () => {
    const stage = useStage({ startHomeserver, withModel: true });
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');

    async function ask(person: string, text: string) {
      const { system } = stage();
      const user = await system.user(person);
      const room = await system.direct(user);
      const asked = await user.say(room, text);
      const { event, ...answer } = await answerTo(system, room, asked);
      const seen = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      const shown = seen.said.filter(({ vagent }) => vagent.turn === asked);
      return { ...answer, event, shown, user };
    }

    it('shows a reply while it grows: one event, edits that each hold more, the last of kind reply', async () => {
      const { model } = stage();
      const reply = { kind: 'text', text: words, chunkSize: 40, delayMs: 500 } as const;
      model.on(/grow slowly/, [reply], null);
      const { text, shown, event, user } = await ask('nia', 'Please grow slowly');
      expect(text).toContain(words);
      expect(shown.filter(({ edits }) => edits === undefined)).toHaveLength(1);
      expect(shown.length).toBeGreaterThanOrEqual(3);
      expect(shown.map(({ vagent }) => vagent.kind)).toEqual([...shown.slice(1).map(() => 'draft'), 'reply']);
      const lengths = shown.map(({ event: { content } }) => {
        const newest: unknown = content['m.new_content'] ?? content;
        return String(Reflect.get(Object(newest), 'body')).length;
      });
      expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
      expect(event.content['m.mentions']).toEqual({ user_ids: [user.userId] });
    });

    it('asks a reviewer when the model wants a risky action', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'noa', 'Cetus');
      const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await answerTo(system, room, decision)).text).toContain('Cetus');
      expect(deletions('Cetus').applied).toBe(1);
    });

    it('replaces what was shown of a stream that broke by the reply of the next try', async () => {
      const { model } = stage();
      model.on(
        /break once/,
        [
          { kind: 'cut', text: 'Never mind this beginning, it ', chunkSize: 8, delayMs: 200 },
          { kind: 'text', text: 'This is the whole reply.' },
        ],
        null,
      );
      const { text, shown } = await ask('nel', 'Please break once');
      expect(text).toContain('This is the whole reply.');
      expect(text).not.toContain('Never mind');
      expect(shown.filter(({ edits }) => edits === undefined)).toHaveLength(1);
    });

    it('says once that it failed when the model fails for good, and answers the next message', async () => {
      const { model, expectDeadLetters } = stage();
      model.on(/fail for good/, [{ kind: 'error', status: 400, message: 'no such thing' }]);
      expectDeadLetters(1);
      const { kind, event } = await ask('nat', 'Please fail for good');
      expect(kind).toBe('failed');
      expect(event.content['msgtype']).toBe('m.notice');
      expect((await ask('ned', 'What is a passkey?')).kind).toBe('reply');
    });
  });
}
