import type { Command } from '../cli/command.ts';
import { type Paint, paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';

const usage = `Usage: vagent doctor [--json]

Checks Redis (version, persistence, eviction, settings), streams, groups, backlog, leases, timers, homeserver, account
and admin room, and says how to mend what is wrong. Changes nothing. Exits with 1 where something fails.
`;

const signs = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'] } as const;

export const doctor: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const findings = await examine(terminal.env);
    const paint = paintFor(terminal);
    for (const finding of findings) {
      terminal.stdout.write(values.json ? `${JSON.stringify(finding)}\n` : describe(finding, paint));
    }
    const count = (level: Finding['level']): number =>
      findings.filter((finding) => finding.level === level).length;
    const failed = count('fail');
    if (!values.json) {
      const verdict = failed > 0 ? paint('red', `${failed} failed`) : paint('green', 'nothing failed');
      terminal.stdout.write(`\n${verdict}, ${count('warn')} to look at, ${count('ok')} fine\n`);
    }
    return failed > 0 ? 1 : 0;
  },
};

function describe({ check, level, says, mend }: Finding, paint: Paint): string {
  const [sign, style] = signs[level];
  const line = `${paint(style, sign)} ${check.padEnd(22)} ${printable(says)}\n`;
  return mend === undefined ? line : `${line}  ${' '.repeat(22)} ${paint('cyan', '→')} ${printable(mend)}\n`;
}
