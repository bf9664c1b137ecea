import { describe, expect, it } from 'vitest';
import type { PlaybookProblem } from '../errors.ts';
import { sampleProblems, sampleWith } from '../sample-files.ts';

type Changes = Record<string, string | null>;

describe('checks of agents, SOPs, policies, tools, flags and knowledge', () => {
  it.each<[string, Changes, Partial<PlaybookProblem>]>([
    [
      'a tool of an agent that is not there',
      sampleWith('agents/billing.yaml', '[find_invoice]', '[find_invoice, drop]'),
      { file: 'agents/billing.yaml', line: 4, column: 23, message: 'there is no tool "drop"' },
    ],
    [
      'a verifier that is not there',
      sampleWith('sops/refunds.md', 'verify: found', 'verify: fund'),
      { file: 'sops/refunds.md', line: 5, hint: 'Did you mean "found"?' },
    ],
    [
      'a topic that is no agent',
      sampleWith('sops/refunds.md', '[billing]', '[billing, sales]'),
      { line: 3, column: 19, message: 'there is no agent "sales"' },
    ],
    [
      'a SOP that is not there',
      sampleWith('agents/billing.yaml', 'flag:', 'sops: [refund]\nflag:'),
      { line: 5, message: 'there is no SOP "refund"', hint: 'Did you mean "refunds"?' },
    ],
    [
      'a flag that is not there',
      sampleWith('agents/billing.yaml', 'flag: fast', 'flag: slow'),
      { line: 5, message: 'there is no flag "slow"' },
    ],
    [
      'a SOP that needs a tool which its agent lacks',
      sampleWith('agents/billing.yaml', 'tools: [find_invoice]', 'tools: []'),
      { line: 4, column: 1, message: expect.stringContaining('may not use the tool "find_invoice"') },
    ],
    [
      'a flow and an agent of one name',
      { 'flows/billing.yaml': 'description: X.\nsteps: [{ say: hi }]\n' },
      { file: 'agents/billing.yaml', message: 'a flow is called "billing" too' },
    ],
    [
      'steps of a SOP that wait for each other',
      sampleWith('sops/refunds.md', 'verify: found', 'after: [tell]'),
      { line: 5 },
    ],
    [
      'a SOP without front matter',
      { 'sops/x.md': '# X\n\ntext\n' },
      { file: 'sops/x.md', line: 1, message: 'the file does not begin with its front matter' },
    ],
    [
      'a SOP without text',
      { 'sops/x.md': '---\ntitle: X\n---\n' },
      { line: 3, message: 'the procedure has no text' },
    ],
    [
      'an unknown key below the first line of a SOP',
      { 'sops/x.md': '---\ntitle: X\nkeyword: [a]\n---\ntext\n' },
      { file: 'sops/x.md', line: 3, column: 1, hint: expect.stringContaining('"keywords"') },
    ],
    [
      'a result of no step, in a SOP',
      sampleWith('sops/refunds.md', '{entities.invoice_id}', '{found.invoice_id}'),
      { line: 5, message: 'there is no step "found"' },
    ],
    [
      'a name of a file that is no id',
      { 'agents/Bill.yaml': 'description: x\n' },
      { file: 'agents/Bill.yaml' },
    ],
    [
      'a policy of a tool that nothing uses',
      { 'policies.yaml': 'tools:\n  launch: { risk: high }\n' },
      { line: 2, column: 3, message: 'nothing in this playbook uses the tool "launch"' },
    ],
    [
      'a policy that would lower a risk',
      { 'policies.yaml': 'tools:\n  refund_invoice: { risk: low }\n' },
      { line: 2, message: '"refund_invoice" says of itself that its risk is medium' },
    ],
    [
      'an empty list of reviewers',
      { 'policies.yaml': 'tools:\n  refund_invoice: { reviewers: [] }\n' },
      { line: 2, message: expect.stringContaining('nobody could ever approve') },
    ],
    [
      'a reviewer who is no Matrix user',
      { 'policies.yaml': 'tools:\n  send_reply:\n    reviewers:\n      - ann\n' },
      { line: 4, column: 9, message: expect.stringContaining('not a user id') },
    ],
    [
      'a quorum of more reviewers than there are',
      { 'policies.yaml': 'tools:\n  hand_off:\n    quorum: 3\n' },
      { line: 3, column: 5, message: 'a quorum of 3 with 2 reviewers' },
    ],
    [
      'a reminder after the end',
      { 'policies.yaml': 'tools:\n  refund_invoice:\n    expiresIn: 1h\n    reminders: [2h]\n' },
      { line: 4, hint: 'Remind earlier, or raise expiresIn' },
    ],
    [
      'a duration that is none',
      { 'policies.yaml': 'takeover: { idle: soon }\n' },
      { line: 1, hint: 'Write seconds, or a duration such as 90s, 15m, 24h or 7d' },
    ],
    [
      'a policy for double texts that is none',
      { 'policies.yaml': 'messages: { doubleText: ignore }\n' },
      {
        line: 1,
        hint: 'Write enqueue, reject, interrupt, rollback: a message that comes while an earlier one is worked on',
      },
    ],
    [
      'a risky tool that would run at once',
      { 'policies.yaml': 'security: { tools: { pii_leak: [refund_invoice] } }\n' },
      { line: 1, column: 33, message: '"refund_invoice" is of medium risk, and these run at once' },
    ],
    [
      'a room with a tool that is not there',
      { 'policies.yaml': 'rooms:\n  "!a:b.c": [find_it]\n' },
      { line: 2, column: 14, message: 'there is no tool "find_it"' },
    ],
    [
      'a room that is none',
      { 'policies.yaml': 'rooms:\n  room: []\n' },
      { line: 2, message: '"rooms.room": not a room id' },
    ],
    [
      'a server with a tool that vagent has',
      {
        'tools.yaml': 'mcp:\n  wiki:\n    url: https://wiki.example.org/\n    tools: { find_invoice: {} }\n',
      },
      { file: 'tools.yaml', line: 4, message: 'a second tool "find_invoice": vagent has one' },
    ],
    ['a server of neither kind', { 'tools.yaml': 'mcp:\n  wiki: { tools: {} }\n' }, { line: 2 }],
    [
      'an address that is none',
      { 'tools.yaml': 'mcp:\n  wiki: { url: "file:///etc/passwd" }\n' },
      { line: 2 },
    ],
    [
      'flags that are no JSON',
      { 'flags.json': '{\n  "flags": {},\n}\n' },
      { file: 'flags.json', line: 3, message: expect.stringContaining('it is no JSON') },
    ],
    [
      'a flag without variants',
      { 'flags.json': '{"flags":{"fast":{"state":"ENABLED"}}}' },
      { file: 'flags.json', message: expect.stringContaining('variants') },
    ],
    [
      'a category of risk that is not known',
      { 'understanding/analysis.yaml': 'risks:\n  fire: [help]\n' },
      { line: 2, column: 3 },
    ],
    [
      'a list of talk that is not known',
      { 'understanding/talk.yaml': 'afirm: ["yes"]\n' },
      { line: 1, hint: expect.stringContaining('"affirm"') },
    ],
    [
      'a section without text',
      { 'knowledge/a.md': '# A\n\nx\n\n## B\n\n## C\n\ntext\n' },
      { line: 5, message: 'section "B" is empty' },
    ],
    [
      'a second title',
      { 'knowledge/a.md': '# A\n\ntext\n\n# B\n\ntext\n' },
      { line: 5, message: 'a second title' },
    ],
    [
      'two sections of one name',
      { 'knowledge/a.md': '# A\n\n## B\n\none\n\n## B\n\ntwo\n' },
      { line: 7, message: '"A › B" is written twice' },
    ],
  ])('tells place and remedy of %s', (_, changes, problem) => {
    const problems = sampleProblems(changes);
    expect(problems).toContainEqual(expect.objectContaining(problem));
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });
});
