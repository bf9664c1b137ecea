import { userInfo } from 'node:os';
import { eraseMemories } from '#agents/memory/erase-memories';
import { shortDigest } from '#agents/memory/memory-keys';
import { encodeKeyPart } from '#checkpoint/key-part';
import { userId } from '#contract/matrix-ids';
import { type Erasure, erasePerson, findPerson, unexplained } from '#operations/erase/erase-person';
import type { Finding, Survey } from '#operations/erase/survey';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { formatTable } from '../cli/format-table.ts';
import { openRedis, readRedisSettings } from '../cli/open-redis.ts';
import { paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';
import { tellRights } from '../cli/tell-rights.ts';
import type { Terminal } from '../cli/terminal.ts';

const usage = `Usage: vagent erase @USER:SERVER [--dry-run | --yes] [--wait SECONDS] [--json]

Removes everything of a person from Redis: conversations, messages, replies, approvals they asked for, personal data,
memories, files, timers, budgets, limits. Says what would go, which --dry-run asks for by name, and does it with --yes.
Conversations that go on are reset in their own order first; workers, egress and clock have --wait seconds (120) to let
go. Afterwards every key is looked through again, sealed ones too: the exit code is 0 where nothing of theirs is left, 1
where something is, and each thing that stays is told with the reason. Safe to run again.
`;

export const erase: Command = {
  usage,
  async run(args, terminal) {
    const { values, positionals } = parseOptions(args, {
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      wait: { type: 'string', default: '120' },
    });
    const given = userId.safeParse(positionals[0]);
    if (!given.success || positionals.length > 1)
      throw new UsageError('Whom? Give the whole Matrix user id, such as "@ann:example.org", in quotes');
    if (values.yes && values['dry-run']) throw new UsageError('Either --dry-run or --yes, not both');
    const waitMs = Number(values.wait) * 1_000;
    if (!Number.isFinite(waitMs) || waitMs < 0)
      throw new UsageError(`--wait is "${values.wait}": give a number of seconds`);
    const user = given.data;
    const prefix = (await readRedisSettings(terminal.env)).redis.keyPrefix;
    // Whatever uses it below must be awaited: it is closed on return.
    await using transport = await openRedis(terminal.env);
    const deps = {
      transport,
      prefix,
      inKeys: encodeKeyPart,
      digests: [shortDigest(user)],
      eraseMemories: () => eraseMemories({ redis: transport.redis, prefix }, user),
    };
    if (!values.yes) {
      const found = await tellRights(() => findPerson(deps, user));
      return foretell(found, user, values.json, terminal);
    }
    const onStep = (step: string): boolean => terminal.stderr.write(`${step}\n`);
    const options = { by: `cli:${userInfo().username}`, waitMs, onStep };
    const done = await tellRights(() => erasePerson(deps, user, options));
    return values.json ? tellJson(done, user, terminal) : tell(done, user, terminal);
  },
};

function foretell(found: Survey, user: string, asJson: boolean, terminal: Terminal): number {
  const theirs = countByKind(found.findings.filter(isRemovable));
  if (asJson) {
    terminal.stdout.write(
      `${JSON.stringify({ user, keys: found.keys, found: Object.fromEntries(theirs), stays: staying(found) })}\n`,
    );
    return 0;
  }
  if (theirs.size === 0) terminal.stdout.write(`Nothing is there of ${printable(user)}.\n`);
  else {
    terminal.stdout.write(`Of ${printable(user)} would be erased:\n${table(theirs, terminal)}`);
    terminal.stdout.write('Nothing was changed. Add --yes to do it.\n');
  }
  tellStaying(found, terminal);
  return 0;
}

function tell({ removed, late, proof }: Erasure, user: string, terminal: Terminal): number {
  const { stdout } = terminal;
  const who = printable(user);
  if (late.length > 0) {
    stdout.write(
      `No worker has come to ${late.length} of their conversations: nothing was erased. See that workers run, and run this again:\n${late.map((session) => `  ${printable(session)}\n`).join('')}`,
    );
    return 1;
  }
  stdout.write(
    removed.size === 0 ? `Nothing was there of ${who}.\n` : `Erased of ${who}:\n${table(removed, terminal)}`,
  );
  const left = unexplained(proof);
  if (left.length === 0)
    stdout.write(`All ${proof.keys} keys were looked through afterwards: nothing of theirs is left.\n`);
  else {
    stdout.write(`Looked through ${proof.keys} keys afterwards. Still there:\n`);
    for (const { key, at, area } of left)
      stdout.write(`  ${area.kind}: ${printable(key)}${at === undefined ? '' : ` ${printable(at)}`}\n`);
    stdout.write('Run this again when egress and clock run; they may still have it in hand.\n');
  }
  if (proof.closed > 0)
    stdout.write(
      `${proof.closed} sealed parts could not be opened: add the PAYLOAD_KEY that they were sealed with, and run this again.\n`,
    );
  tellStaying(proof, terminal);
  return left.length > 0 || proof.closed > 0 ? 1 : 0;
}

function tellJson({ removed, late, proof }: Erasure, user: string, { stdout }: Terminal): number {
  const left = unexplained(proof).map(({ key, at, area }) => ({ kind: area.kind, key, at: at ?? null }));
  const { keys, closed } = proof;
  const told = {
    user,
    removed: Object.fromEntries(removed),
    late,
    keys,
    closed,
    left,
    stays: staying(proof),
  };
  stdout.write(`${JSON.stringify(told)}\n`);
  return late.length > 0 || left.length > 0 || closed > 0 ? 1 : 0;
}

function isRemovable({ isTheirs, area }: Finding): boolean {
  return isTheirs && area.treatment !== 'keep';
}

function countByKind(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { area } of findings) counts.set(area.kind, (counts.get(area.kind) ?? 0) + 1);
  return counts;
}

/** What is meant to stay, by kind, with the reason. */
function staying({ findings }: Survey): { kind: string; count: number; why: string }[] {
  const reasons = new Map<string, { kind: string; count: number; why: string }>();
  for (const { area, isTheirs } of findings) {
    const isKept = area.treatment === 'keep';
    if (isKept ? area.why === undefined : isTheirs) continue;
    const why = isKept
      ? (area.why ?? '')
      : 'somebody else wrote it, or decided on it: it belongs to their conversation';
    const one = reasons.get(area.kind + why) ?? { kind: area.kind, count: 0, why };
    reasons.set(area.kind + why, { ...one, count: one.count + 1 });
  }
  return [...reasons.values()];
}

function tellStaying(found: Survey, { stdout }: Terminal): void {
  const reasons = staying(found);
  if (reasons.length > 0) stdout.write('They stay named in:\n');
  for (const { kind, count, why } of reasons) stdout.write(`  ${count} ${kind}: ${why}\n`);
}

function table(counts: ReadonlyMap<string, number>, terminal: Terminal): string {
  return formatTable(['what', 'how many'], [...counts], paintFor(terminal));
}
