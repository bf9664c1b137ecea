import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';

describe('processes that come and go under load', { timeout: 300_000 }, () => {
  const stage = useStage({ replicas: { ingress: 2, worker: 2, egress: 2 } });

  interface Talk {
    /** Resolves when so many more messages were sent. */
    more(count: number): Promise<unknown>;
    /** Ends it; resolves to all that was asked. */
    stop(): Promise<string[]>;
  }

  /** Somebody who goes on asking until told to stop. */
  function keepAsking(user: MatrixUser, room: string): Talk {
    const stopping = new AbortController();
    const asked: string[] = [];
    const asking = (async () => {
      while (!stopping.signal.aborted) {
        asked.push(await user.say(room, `${question} (${asked.length + 1})`));
        // The pace of a person in a hurry.
        await sleep(100);
      }
      return asked;
    })();
    // A test that fails does not stop it, and nobody hears of its end then.
    asking.catch(() => undefined);
    onTestFinished(() => stopping.abort());
    return {
      more: (count) => {
        const wanted = asked.length + count;
        return eventually(() => asked.length >= wanted, { what: `${count} more messages` });
      },
      stop: () => {
        stopping.abort();
        return asking;
      },
    };
  }

  async function talkers(names: readonly string[]) {
    const { system } = stage();
    const users = await Promise.all(names.map((name) => system.user(name)));
    return Promise.all(
      users.map(async (user) => {
        const room = await system.direct(user);
        return { room, ...keepAsking(user, room) };
      }),
    );
  }

  it('F19 a worker killed while it takes over from another: the next one takes over all of it', async () => {
    const { system } = stage();
    await system.process('worker-2').kill('SIGTERM');
    await system.restart('worker-1', { FAILPOINT: 'worker.before-turn:stop' });
    const users = await Promise.all(['una', 'ute', 'udo'].map((name) => system.user(name)));
    const asked = await Promise.all(
      users.map(async (user) => {
        const room = await system.direct(user);
        const ids: string[] = [];
        for (let i = 1; i <= 5; i += 1) ids.push(await user.say(room, `${question} (${i})`));
        return { room, ids };
      }),
    );
    await system.process('worker-2').start({ FAILPOINT: 'streams.mid-take:kill' });
    expect((await system.process('worker-2').ended()).signal).toBe('SIGKILL');
    await system.process('worker-1').kill('SIGKILL');
    await system.start(['worker-1', 'worker-2']);
    for (const { room, ids } of asked) for (const id of ids) await answerTo(system, room, id);
  });

  it('F20 everything killed at once, again and again: every message is answered once, in order', async () => {
    const { system, deletions, sound } = stage();
    const [rita] = system.reviewers;
    const { prompt, room } = await askForDeletion(system, 'vic', 'Lupus');
    const talking = await talkers(['val', 'vera', 'vito']);
    const decision = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(talking.map((talk) => talk.more(5)));
      const all = system.processes();
      await Promise.all(all.map((one) => one.kill('SIGKILL')));
      await system.start(all.map(({ name }) => name));
    }
    await Promise.all(talking.map((talk) => talk.stop()));
    await sound(60_000);
    await answerTo(system, room, decision);
    expect(deletions('Lupus').applied).toBe(1);
  });

  it('F21 every process restarted in turn by SIGTERM: all end by themselves, nobody notices', async () => {
    const { system, sound } = stage();
    const talking = await talkers(['wes', 'win']);
    for (const { name } of system.processes()) {
      expect(await system.restart(name)).toEqual({ code: 0, signal: null });
    }
    await Promise.all(talking.map((talk) => talk.stop()));
    await sound(60_000);
    const retried = system.processes('worker').map((one) => one.metric('vagent_entry_attempts_failed_total'));
    expect(await Promise.all(retried)).toEqual([0, 0]);
  });
});
