import { createRedisProcedures } from '#agents/conversation/create-redis-procedures';
import type { Command } from '../cli/command.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';

const usage = `Usage: vagent playbook procedures [--json]

What reviewers answered where an agent found no procedure, oldest first: material for new SOPs. Changes nothing.

  --json    one JSON object per procedure and line
`;

export const procedures: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, { json: { type: 'boolean', default: false } });
    await using transport = await openRedis(terminal.env);
    const key = transport.keys.procedures();
    const kept = await createRedisProcedures({ ...transport, key }).list();
    if (values.json) {
      terminal.stdout.write(kept.map((one) => `${JSON.stringify(one)}\n`).join(''));
      return 0;
    }
    if (kept.length === 0) terminal.stdout.write('No reviewer has written a procedure yet.\n');
    const paint = paintFor(terminal);
    for (const { topic, request, text, by, at } of kept) {
      const heading = `${paint('bold', topic)}  ${paint('dim', `${by}, ${at}`)}`;
      terminal.stdout.write(`${heading}\n  asked: ${printable(request)}\n  do:    ${printable(text)}\n\n`);
    }
    return 0;
  },
};
