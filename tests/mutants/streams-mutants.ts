import type { Mutant } from './mutant.ts';

/** Of what carries entries: leases, reading, commits, trimming. */
export const streamsMutants: readonly Mutant[] = [
  {
    name: 'no-fence',
    breaks: 'a worker that was replaced may still commit: commit.lua does not ask for the lease',
    edits: [
      {
        file: 'libs/streams/commit.lua',
        find: "if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'FENCED'} end",
        replace: '',
      },
    ],
    test: 'tests/faults/redis-zombie.test.ts',
    title: 'F45 F47 that was stopped',
  },
  {
    name: 'no-epoch-on-the-checkpoint',
    breaks:
      'the commit, of which the checkpoint is a part, asks who holds the lease, but not whether it is still the same lease',
    edits: [
      {
        file: 'libs/streams/commit.lua',
        find: "or lease[2] ~= ARGV[2] then return {'FENCED'} end",
        replace: "then return {'FENCED'} end",
      },
    ],
    test: 'tests/faults/redis-zombie.test.ts',
    title: 'F47 that lost',
  },
  {
    name: 'checkpoint-beside-the-commit',
    breaks: 'what a turn saves is in Redis before its commit, and stays there when that is refused',
    edits: [
      {
        file: 'services/worker/turns/turn-savers.ts',
        find: '      conversation,\n      actions,\n',
        replace: '      conversation: savers.conversation,\n      actions: savers.actions,\n',
      },
    ],
    test: 'tests/faults/worker-kills.test.ts',
    title: 'a worker killed F09',
  },
  {
    name: 'ack-before-commit',
    breaks: 'an entry is acknowledged before it is known that its commit can be written',
    edits: [
      {
        file: 'libs/streams/commit.lua',
        find: '\nlocal at = 12\n',
        replace:
          "\nif mode == 'ack' then redis.call('HDEL', accepted, id) redis.call('XACK', stream, group, id) end\nlocal at = 12\n",
      },
    ],
    test: 'tests/integration/streams-healing.test.ts',
    title: 'F36 writes nothing of a commit',
  },
  {
    name: 'ack-before-work',
    breaks: 'an entry is acknowledged as soon as it is begun: a worker that dies over it takes it along',
    edits: [
      {
        file: 'libs/streams/run-entry.ts',
        find: '  let commit: Commit;\n  try {\n',
        replace: `  let commit: Commit;
  const { redis, keys, group } = deps.options;
  await redis.hdel(keys.accepted(item.held.partition), item.found.entryId);
  await redis.xack(keys.stream(item.held.partition, item.found.stream), group, item.found.entryId);
  try {
`,
      },
      {
        file: 'libs/streams/commit.lua',
        find: "if found.err or #found == 0 then return {'GONE'} end",
        replace: '',
      },
    ],
    test: 'tests/faults/redis-zombie.test.ts',
    title: 'F49 that an entry kills',
  },
  {
    name: 'maxlen-trim',
    breaks: 'streams are trimmed to a length, whatever is still needed of them',
    edits: [
      {
        file: 'libs/streams/trim.lua',
        find: "redis.call('XTRIM', KEYS[1], 'MINID', cutoff)",
        replace: "redis.call('XTRIM', KEYS[1], 'MAXLEN', 5)",
      },
    ],
    test: 'tests/integration/streams-trim.test.ts',
  },
  {
    name: 'group-at-dollar',
    breaks: 'a group is made at $ when a partition is taken over: what was published before is never read',
    edits: [
      {
        file: 'libs/streams/take.lua',
        find: "redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')",
        replace: "redis.call('XGROUP', 'CREATE', stream, group, '$', 'MKSTREAM')",
      },
    ],
    test: 'tests/integration/streams-healing.test.ts',
    title: 'F39 .* before there was a group',
  },
  {
    name: 'group-at-dollar-again',
    breaks: 'a group that vanished while its stream was read is made anew at $',
    edits: [
      {
        file: 'libs/streams/read.lua',
        find: "redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')",
        replace: "redis.call('XGROUP', 'CREATE', stream, group, '$', 'MKSTREAM')",
      },
    ],
    test: 'tests/integration/streams-healing.test.ts',
    title: 'F39 .* while a group was gone',
  },
  {
    name: 'third-xautoclaim-element-ignored',
    breaks: 'entries that were deleted while they were pending disappear without a word',
    edits: [
      {
        file: 'libs/streams/take.lua',
        find: 'for i, id in ipairs(claimed[3]) do',
        replace: 'for i, id in ipairs({}) do',
      },
    ],
    test: 'tests/integration/streams-healing.test.ts',
    title: 'F34 .* XDEL',
  },
  {
    name: 'lost-answer-read-over',
    breaks: 'what was delivered in an answer that got lost is overtaken by what is new',
    edits: [
      {
        file: 'libs/streams/read.lua',
        find: "elseif info['last-delivered-id'] ~= known then",
        replace: 'elseif false then',
      },
    ],
    test: 'tests/faults/redis-replies.test.ts',
    title: 'F28 .* overtake',
  },
  {
    name: 'taken-over-backwards',
    breaks: 'a successor works on what it takes over in another order than it was published in',
    edits: [
      {
        file: 'libs/streams/partition-reader.ts',
        find: 'for (const entry of entries) found.push(toFound(stream, entry, entry[2]));',
        replace: 'for (const entry of entries) found.unshift(toFound(stream, entry, entry[2]));',
      },
    ],
    test: 'tests/integration/streams-order.test.ts',
    title: 'order I3',
  },
  {
    name: 'two-at-once-in-a-lane',
    breaks: 'a message that comes while another of its session is worked on is begun beside it',
    edits: [
      {
        file: 'libs/streams/lanes.ts',
        find: '    if (lane !== undefined) {\n      lane.jobs.push(job);',
        replace: "    if (lane !== undefined && lane.state !== 'running') {\n      lane.jobs.push(job);",
      },
    ],
    test: 'libs/streams/lanes.test.ts',
    title: 'one by one and in order',
  },
  {
    name: 'outputs-backwards',
    breaks: 'what a turn says in several entries is appended in another order than it was said in',
    edits: [
      {
        file: 'libs/streams/fence.ts',
        find: 'const outputs = (commit.outputs ?? []).map(',
        replace: 'const outputs = [...(commit.outputs ?? [])].reverse().map(',
      },
    ],
    test: 'tests/integration/consumer.test.ts',
    title: 'a consumer I3',
  },
  {
    name: 'published-twice',
    breaks: 'a fact that is published again is appended again: the ledger is not asked',
    edits: [
      {
        file: 'libs/streams/publish.lua',
        find: 'if known then return {0, known} end',
        replace: '',
      },
    ],
    test: 'tests/faults/redis-replies.test.ts',
    title: 'F28 .* no second entry',
  },
  {
    name: 'signature-not-checked',
    breaks: 'entries are signed, and nobody looks: a decision that was written by hand counts',
    edits: [
      {
        file: 'libs/streams/read-entry.ts',
        find: '  return checked.ok ? decodeEntry',
        replace: "  return checked.ok || checked.problem === 'forged' ? decodeEntry",
      },
    ],
    test: 'tests/integration/signatures-streams.test.ts',
    title: 'without a signature|T23',
  },
];
