import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { RuntimeProcess } from './runtime-process.ts';

const service = (behaviour: string, env: Readonly<Record<string, string>> = {}) =>
  new RuntimeProcess('runtime-service.ts', { BEHAVIOUR: behaviour, ...env });

describe('runService', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'aborts the signal, drains and exits with 0 on %s',
    async (signal) => {
      await using run = service('drains');
      await run.says('up');
      run.child.kill(signal);
      expect(await run.end()).toBe(0);
      expect(run.stdout).toContain('stops, signal aborted: true\ndrained');
      expect(run.log()).toContainEqual(
        expect.objectContaining({ msg: expect.stringMatching(/^Stopping/), reason: signal }),
      );
    },
  );

  it('takes signals that come together for one request', async () => {
    await using run = service('drains', { DRAIN_MS: '100' });
    await run.says('up');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) run.child.kill(signal);
    expect(await run.end()).toBe(0);
    expect(run.stdout).toContain('drained');
  });

  it('exits with 1 when stopping takes too long, and names what is still running', async () => {
    await using run = service('hangs on stop', { GRACE_MS: '200' });
    await run.says('up');
    run.child.kill('SIGTERM');
    expect(await run.end()).toBe(1);
    expect(run.log().at(-1)).toMatchObject({
      level: 'fatal',
      msg: 'Did not stop in time: exits at once',
      running: ['lane of session x'],
      resources: { TCPServerWrap: 1 },
    });
  });

  it('exits with 1 at once when asked again later', async () => {
    await using run = service('hangs on stop');
    await run.says('up');
    run.child.kill('SIGTERM');
    await run.says('stops');
    // Repeats until one is late enough to count as a request of its own.
    await eventually(() => {
      run.child.kill('SIGTERM');
      return run.child.exitCode !== null;
    });
    expect(await run.end()).toBe(1);
    expect(run.log().at(-1)).toMatchObject({ level: 'fatal', msg: 'Asked again to stop: exits at once' });
  });

  it('stops a service that is still starting', async () => {
    await using run = service('hangs on start');
    await run.says('hangs');
    run.child.kill('SIGTERM');
    expect(await run.end()).toBe(0);
    expect(run.stdout).toContain('drained');
    expect(run.log().some(({ level }) => level === 'fatal')).toBe(false);
  });

  it.each([
    ['fails on start', 'Could not start', 'no such room'],
    ['throws later', 'Uncaught exception', 'thrown later'],
    ['rejects later', 'Unhandled rejection', 'rejected later'],
  ])('logs, lets go and exits with 1 when the service %s', async (behaviour, msg, message) => {
    await using run = service(behaviour);
    expect(await run.end()).toBe(1);
    expect(run.log()).toContainEqual(
      expect.objectContaining({ level: 'fatal', msg, err: expect.objectContaining({ message }) }),
    );
    expect(run.stdout).toContain('drained');
  });

  it('exits with 1 when stopping fails, or when nothing is left to wait for', async () => {
    await using failing = service('fails on stop');
    await using ending = service('ends by itself');
    await failing.says('up');
    failing.child.kill('SIGTERM');
    expect([await failing.end(), await ending.end()]).toEqual([1, 1]);
    expect(failing.stdout).toContain('cannot let go');
    expect(ending.log()).toContainEqual(expect.objectContaining({ level: 'fatal', msg: 'Ended by itself' }));
  });

  it('prints what is wrong with the configuration plainly and exits with 78', async () => {
    await using run = service('dances');
    expect(await run.end()).toBe(78);
    expect(run.stderr).toMatch(
      /^fixture cannot start\. The configuration has one problem:\n {2}BEHAVIOUR is "dances"\. Set/,
    );
    expect(run.stderr).not.toContain('    at ');
    await using misled = service('drains', { VAGENT_PARENT_PID: 'init' });
    expect(await misled.end()).toBe(78);
    expect(misled.stderr).toContain('VAGENT_PARENT_PID is "init"');
  });

  it('says as plainly what else no further start will mend', async () => {
    await using run = service('refuses on start');
    expect(await run.end()).toBe(78);
    expect(run.stderr).toBe('fixture cannot start. The playbook has one mistake\n');
  });
});

describe('a service that another process started', () => {
  it.each(['process id', 'channel'])(
    'drains and exits when that process is killed (known by %s)',
    async (launchBy) => {
      await using launcher = new RuntimeProcess('runtime-launcher.ts', {
        BEHAVIOUR: 'drains',
        LAUNCH_BY: launchBy,
      });
      const pid = Number((await launcher.says('child')).split(' ')[1]);
      try {
        await launcher.says('up');
        launcher.child.kill('SIGKILL');
        await launcher.end();
        expect(launcher.stdout).toContain('drained');
        await eventually(() => isGone(pid));
      } finally {
        if (!isGone(pid)) process.kill(pid, 'SIGKILL');
      }
    },
  );
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
