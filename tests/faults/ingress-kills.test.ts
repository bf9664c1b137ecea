import { describe, expect, it } from 'vitest';
import { useStage } from '../support/system-stage.ts';
import { answerTo } from '../support/system-talk.ts';

const ingress = 'ingress-1';

describe.each(['sync', 'appservice'] as const)('ingress killed, reading by %s', (mode) => {
  const stage = useStage({ mode });

  for (const { row, failpoint, when } of [
    { row: 'F01', failpoint: 'ingress.before-publish:kill', when: 'before it publishes anything' },
    { row: 'F02', failpoint: 'ingress.mid-batch:kill:2', when: 'in the middle of a batch' },
    { row: 'F03', failpoint: 'ingress.before-token:kill', when: 'after publishing, before it says so' },
  ])
    it(`${row} ${when}: every message is answered once, in order`, async () => {
      const { system } = stage();
      const user = await system.user(row.toLowerCase());
      const room = await system.direct(user);
      await answerTo(system, room, await user.say(room, 'hello'));
      await system.process(ingress).kill('SIGTERM');
      await system.process(ingress).start({ FAILPOINT: failpoint });
      const asked: string[] = [];
      for (const topic of ['my 2FA', 'an SSH key', 'CI minutes', 'invoices']) {
        asked.push(await user.say(room, `How about ${topic}?`));
      }
      expect((await system.process(ingress).ended()).signal).toBe('SIGKILL');
      await system.start([ingress]);
      for (const eventId of asked) await answerTo(system, room, eventId);
    });
});
