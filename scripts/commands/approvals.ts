import { randomUUID } from 'node:crypto';
import { type Approval, approvalCodeOf } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';
import { userId } from '#contract/matrix-ids';
import { parseDecision } from '#matrix/parse-decision';
import { decideApproval } from '#operations/approvals/decide-approval';
import { findApproval, listOpenApprovals } from '#operations/approvals/find-approvals';
import { verifyAudit } from '#operations/approvals/verify-audit';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { formatDuration } from '../cli/format-duration.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import type { Terminal } from '../cli/terminal.ts';

const usage = `Usage: vagent approvals [list] [--json]
       vagent approvals show CODE|ID [--json]
       vagent approvals decide CODE|ID DECISION --as @user:server
       vagent approvals verify [--json]

Lists what waits for a human, and decides. DECISION is what a reviewer writes in the admin room: approve,
reject [because REASON], edit JSON, or respond TEXT. --as names the reviewer who decides; the worker checks it.
"verify" checks the audit chain of every partition, and exits with 1 where a line was changed, lost or inserted.
`;

export const approvals: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      json: { type: 'boolean', default: false },
      as: { type: 'string' },
    });
    const [what = 'list', name, ...words] = positionals;
    if (!['list', 'show', 'decide', 'verify'].includes(what))
      throw new UsageError(`"vagent approvals ${what}" is not a command`);
    if ((what === 'show' || what === 'decide') && name === undefined)
      throw new UsageError('Which approval? Give its code or id');
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    if (what === 'list') return await list(transport, values.json, terminal);
    if (what === 'verify') return await verify(transport, values.json, terminal);
    const record = await findApproval(transport, name ?? '');
    if (what === 'show') return await show(record, values.json, terminal);
    return await decide(transport, record, words.join(' '), values.as, terminal);
  },
};

async function list(transport: Transport, asJson: boolean, terminal: Terminal): Promise<number> {
  const open = await listOpenApprovals(transport);
  if (asJson) {
    for (const record of open) terminal.stdout.write(`${JSON.stringify(record)}\n`);
    return 0;
  }
  if (open.length === 0) {
    terminal.stdout.write('Nothing waits for a human.\n');
    return 0;
  }
  const now = await redisNow(transport.redis);
  const rows = open.map((record) => [
    approvalCodeOf(record.id),
    record.risk,
    printable(record.requester),
    formatDuration(Math.max(0, Date.parse(record.expiresAt) - now)),
    actionsOf(record).join('; ').slice(0, 100),
  ]);
  terminal.stdout.write(
    formatTable(['code', 'risk', 'requester', 'expires in', 'actions'], rows, paintFor(terminal)),
  );
  return 0;
}

function show(record: Approval, asJson: boolean, terminal: Terminal): number {
  if (asJson) {
    terminal.stdout.write(`${JSON.stringify(record)}\n`);
    return 0;
  }
  const paint = paintFor(terminal);
  const { policy } = record;
  const lines = [
    ['code', approvalCodeOf(record.id)],
    ['id', record.id],
    ['status', record.status],
    ...actionsOf(record).map((text) => ['action', text]),
    ['risk', record.risk],
    ['requester', record.requester],
    ['session', record.session],
    ['reason', record.reason],
    ['context', record.context],
    ['reviewers', policy.reviewers.join(', ') || 'nobody: this can never be approved'],
    ['needed', `${policy.quorum}${policy.excludeRequester ? ', not the requester' : ''}`],
    ['requested', record.requestedAt],
    ['expires', record.expiresAt],
    ...record.decided.map(({ decision, by, at }) => ['decided', `${decision} by ${by} at ${at}`]),
  ];
  for (const [title = '', text = ''] of lines) {
    terminal.stdout.write(`${paint('dim', title.padEnd(10))} ${printable(text)}\n`);
  }
  return 0;
}

async function decide(
  transport: Transport,
  record: Approval,
  words: string,
  as: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const by = userId.safeParse(as ?? '');
  if (!by.success)
    throw new UsageError('Who decides? Add --as with the user id of a reviewer, e.g. --as @ana:example.org');
  const decision = parseDecision(words);
  if (decision === undefined)
    throw new UsageError('Which decision? Add approve, reject [because REASON], edit JSON or respond TEXT');
  const isByGrammar = decision.decision !== 'respond' || /^respon(d|se)\s/i.test(words);
  if (!isByGrammar)
    throw new UsageError(
      `"${words}" is no decision: write approve, reject [because REASON], edit JSON or respond TEXT`,
    );
  const id = `cli:${randomUUID()}`;
  await decideApproval(transport, record, { ...decision, by: by.data, via: 'cli', id });
  terminal.stdout.write(
    `Sent: ${decision.decision} by ${by.data}. "vagent approvals show ${record.id}" tells what came of it\n`,
  );
  return 0;
}

async function verify(transport: Transport, asJson: boolean, terminal: Terminal): Promise<number> {
  const { partitions } = transport;
  let broken = 0;
  let lines = 0;
  for await (const verdict of verifyAudit(transport)) {
    if (asJson) terminal.stdout.write(`${JSON.stringify(verdict)}\n`);
    if (verdict.isIntact) {
      lines += verdict.lines;
      continue;
    }
    broken += 1;
    const { partition, line, reason } = verdict;
    if (!asJson) terminal.stdout.write(`Partition ${partition}: line ${line} ${reason}\n`);
  }
  if (asJson) return broken > 0 ? 1 : 0;
  const verdict =
    broken === 0 ? 'is intact' : `is broken in ${broken} of ${partitions} partitions: compare with a backup`;
  terminal.stdout.write(`The audit ${verdict} (${lines} lines checked)\n`);
  return broken > 0 ? 1 : 0;
}

function actionsOf({ actions }: Approval): string[] {
  return actions.map(({ name, args }) => printable(`${name} ${canonicalJson(args)}`));
}
