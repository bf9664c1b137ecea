import { describe, expect, it } from 'vitest';
import { startHoldingProxy } from '../support/system-proxy.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

const question = 'How do I reset my 2FA?';
const egress = 'egress-1';

describe('egress killed', () => {
  const stage = useStage();

  async function ask(name: string) {
    const { system } = stage();
    const user = await system.user(name);
    const room = await system.direct(user);
    return { user, room, asked: await user.say(room, question) };
  }

  for (const { row, failpoint, when } of [
    { row: 'F15', failpoint: 'egress.before-send', when: 'before it sends' },
    { row: 'F18', failpoint: 'egress.after-send', when: 'after the homeserver has answered' },
    { row: 'F18', failpoint: 'egress.before-ack', when: 'before it acknowledges' },
  ])
    it(`${row} ${when}: the reply stands in the room once`, async () => {
      const { system } = stage();
      await system.restart(egress, { FAILPOINT: `${failpoint}:kill` });
      const { user, room, asked } = await ask(failpoint.replaceAll(/[^a-z]/g, '-'));
      expect((await system.process(egress).ended()).signal).toBe('SIGKILL');
      await system.start([egress]);
      await answerTo(system, room, asked);
      const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      expect(said.map(({ vagent }) => vagent.turn)).toEqual([asked]);
    });

  for (const { row, between, restarts } of [
    { row: 'F16', between: 'between the homeserver’s taking a reply and its answer', restarts: false },
    { row: 'F17', between: 'there, together with the homeserver', restarts: true },
  ])
    it(`${row} ${between}: sent again under the same transaction id, it is the same event`, async () => {
      const { system } = stage();
      await using proxy = await startHoldingProxy(system.homeserver.url);
      await system.restart(egress, { MATRIX_HOMESERVER: proxy.url });
      const { held } = proxy.holdNext('PUT', /\/send\/m\.room\.message\//);
      const { user, room, asked } = await ask(row.toLowerCase());
      await held;
      const { events: before } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      expect(before.at(-1)?.sender).toBe(system.botId);
      await system.process(egress).kill('SIGKILL');
      if (restarts) await system.homeserver.restart();
      await system.start([egress]);
      const answer = await answerTo(system, room, asked);
      expect(answer.event.event_id).toBe(before.at(-1)?.event_id);
    });
});
