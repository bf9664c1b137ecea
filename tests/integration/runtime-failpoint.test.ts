import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { RuntimeProcess } from './runtime-process.ts';

const service = (failpoints: string) =>
  new RuntimeProcess('runtime-service.ts', { BEHAVIOUR: 'passes failpoints', FAILPOINT: failpoints });

describe('failpoint', () => {
  it('does nothing without the variable', async () => {
    await using run = service('');
    await run.says('up');
    run.child.kill('SIGTERM');
    expect(await run.end()).toBe(0);
    expect(run.stdout).toContain('round 1\nround 2\nround 3\n');
    expect(run.stdout).not.toContain('FAILPOINT');
  });

  it.each([
    ['kill', 'SIGKILL'],
    ['abort', 'SIGABRT'],
  ])('ends the process by %s on the numbered hit, before anything more happens', async (action, signal) => {
    await using run = service(`fixture.round:${action}:2`);
    expect(await run.end()).toBe(signal);
    expect(run.stdout).toContain('round 1');
    expect(run.stdout).not.toContain('round 2');
    expect(run.log()).toContainEqual(
      expect.objectContaining({ level: 'warn', failpoints: `fixture.round:${action}:2` }),
    );
  });

  it('freezes the process until it is continued', async () => {
    await using run = service('fixture.round:stop:2');
    await run.says('round 1');
    await eventually(() => stateOf(run.child.pid) === 'T');
    expect(run.stdout).not.toContain('round 2');
    run.child.kill('SIGCONT');
    await run.says('up');
    expect(run.stdout).toContain('round 2\nround 3\n');
  });

  it('throws on the first hit', async () => {
    await using run = service('fixture.round:throw');
    expect(await run.end()).toBe(1);
    expect(run.stdout).toContain('Failpoint fixture.round throws, as the variable FAILPOINT asks');
    expect(run.stdout).not.toContain('round 1');
  });

  it('dawdles on each hit', async () => {
    const before = performance.now();
    await using run = service('fixture.round:delay=60:*');
    await run.says('up');
    expect(performance.now() - before).toBeGreaterThan(180);
  });

  it('refuses a malformed plan like any other configuration', async () => {
    await using run = service('fixture.round:explode');
    expect(await run.end()).toBe(78);
    expect(run.stderr).toContain('FAILPOINT has "fixture.round:explode". Set it to name:action[:hit]');
  });
});

/** The letter of the process state in Linux, T for stopped. */
function stateOf(pid: number | undefined): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0];
}
