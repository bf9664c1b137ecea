import { describe, expect, it } from 'vitest';
import { PlaybookError, type PlaybookProblem } from './errors.ts';
import type { LoadOptions } from './load-options.ts';
import { parsePlaybook } from './parse-playbook.ts';
import { sampleCode, sampleFiles, sampleWith } from './sample-files.ts';

const reviewers = ['@ann:example.org', '@bob:example.org'];
const options: LoadOptions = { reviewers, code: sampleCode };
type Changes = Record<string, string | null>;

function problemsOf(changes: Changes, given = options): readonly PlaybookProblem[] {
  try {
    parsePlaybook(sampleFiles(changes), given);
  } catch (error) {
    if (error instanceof PlaybookError) return error.problems;
    throw error;
  }
  return [];
}

const refund = (part: string, replacement: string): Changes =>
  sampleWith('flows/refund.yaml', part, replacement);
const flow = (steps: string): Changes => ({
  'flows/x.yaml': `description: X.\nslots:\n  a: { type: text, description: A., ask: A? }\nsteps:\n${steps}`,
});

describe('parsePlaybook', () => {
  it('resolves a flow: ids of steps, what follows, conditions and durations', () => {
    const { flows } = parsePlaybook(sampleFiles(), options);
    const steps = flows.get('refund')?.steps ?? [];
    expect(steps.map(({ id, next }) => [id, next])).toEqual([
      ['collect_1', 'look_up'],
      ['look_up', 'branch_3'],
      ['branch_3', 'sure'],
      ['sure', 'approval_5'],
      ['approval_5', 'check_6'],
      ['check_6', 'link_7'],
      ['link_7', undefined],
      ['gone', undefined],
    ]);
    expect(steps[2]).toMatchObject({
      cases: [{ when: { value: 'invoice.state', oneOf: ['paid', 'open'] }, goto: 'sure' }],
      otherwise: 'gone',
    });
    expect(steps[5]).toMatchObject({
      afterSeconds: 600,
      expect: { all: [{ isNot: '{invoice.state}' }, { above: 0 }] },
    });
    expect(steps[6]).toMatchObject({ to: { flow: 'feedback', slots: {} } });
    expect(flows.get('feedback')?.isOffered).toBe(false);
  });

  it('gives agents, SOPs, passages and examples', () => {
    const playbook = parsePlaybook(sampleFiles(), options);
    expect(playbook.agents.get('billing')).toMatchObject({
      review: 'sensitive',
      keywords: ['invoice', '429'],
    });
    expect(playbook.sops.get('refunds')).toMatchObject({ title: 'Refunds', text: '# Refunds\n\nBe kind.' });
    expect(playbook.passages).toMatchObject([{ source: 'Money › Invoices', keywords: ['euro', 'cent'] }]);
    expect(playbook.talk).toMatchObject({ affirm: ['yes'], deny: [] });
    expect(playbook.analysis.risks).toMatchObject({ none: ['hello'], pii_leak: [] });
    expect([...playbook.tools]).toEqual(['find_invoice', 'refund_invoice']);
  });

  it('gives every tool a policy: the written one, what the tool says of itself, or what vagent brings', () => {
    const { toolPolicies } = parsePlaybook(sampleFiles(), options);
    expect(Object.fromEntries([...toolPolicies].map(([name, { risk }]) => [name, risk]))).toEqual({
      find_invoice: 'low',
      refund_invoice: 'high',
      send_reply: 'medium',
      hand_off: 'medium',
      write_procedure: 'medium',
      raise_budget: 'medium',
    });
    expect(toolPolicies.get('refund_invoice')).toMatchObject({
      expiresInSeconds: 28_800,
      policy: { reviewers, quorum: 1, excludeRequester: true, reminders: [1_800] },
    });
  });

  it('has safe defaults where policies, tools, flags and examples are left out', () => {
    const bare = { 'policies.yaml': null, 'flags.json': null, 'understanding/talk.yaml': null };
    const playbook = parsePlaybook(
      sampleFiles({ ...bare, ...sampleWith('agents/billing.yaml', 'flag: fast\n', '') }),
      options,
    );
    expect(playbook.policies).toMatchObject({
      review: { rounds: 3, forbidden: [], links: [] },
      privacy: { email: 'token', phone: 'token', card: 'mask', iban: 'token', ip: 'token', api_key: 'hash' },
      security: { threshold: 0.85 },
      memory: { ttlSeconds: 15_552_000, pattern: { users: 3, withinSeconds: 3_600 } },
      takeoverIdleSeconds: 1_800,
    });
    expect(playbook.mcp.size).toBe(0);
    expect(JSON.parse(playbook.flags)).toEqual({ flags: {} });
  });

  it('reads servers of tools, and gives their tools the risk that is written there, or a high one', () => {
    const playbook = parsePlaybook(
      sampleFiles({
        'tools.yaml':
          'mcp:\n  wiki:\n    command: wiki\n    secrets: { TOKEN: WIKI_TOKEN }\n    tools: { look: { risk: low, timeout: 5s }, write: {} }\n',
        ...sampleWith('agents/billing.yaml', '[find_invoice]', '[find_invoice, look, write]'),
      }),
      options,
    );
    expect(playbook.mcp.get('wiki')).toMatchObject({
      transport: { kind: 'stdio', command: 'wiki', args: [] },
      secrets: { TOKEN: 'WIKI_TOKEN' },
    });
    expect(playbook.mcp.get('wiki')?.tools.get('look')).toMatchObject({
      timeoutMs: 5_000,
      isRepeatable: false,
    });
    expect(playbook.toolPolicies.get('write')?.risk).toBe('high');
    expect(playbook.toolPolicies.get('look')?.risk).toBe('low');
  });

  it('gives another version to other content, the same to the same, and to other tests', () => {
    const versionOf = (changes: Changes): string => parsePlaybook(sampleFiles(changes), options).version;
    expect(versionOf({})).toBe(versionOf({ 'understanding/labelled.yaml': '[]' }));
    expect(versionOf(sampleWith('knowledge/money.md', 'mail', 'post'))).not.toBe(versionOf({}));
  });

  it('makes the same playbook of files that went through JSON', () => {
    const files = sampleFiles();
    const again = JSON.parse(JSON.stringify(files));
    expect(parsePlaybook(again, options)).toEqual(parsePlaybook(files, options));
  });

  it('tells every mistake of every file at once', () => {
    const problems = problemsOf({
      'playbook.yaml': 'name: Desk\npersona: x\ngreetings: hello\n',
      'policies.yaml': 'tools:\n  refund_invoice:\n    risk: huge\n    quorum: 0\n',
      'knowledge/money.md': 'no title here\n',
      ...refund('goto: sure', 'goto: shure'),
    });
    expect(problems.map(({ file, line, column }) => `${file}:${line}:${column}`).toSorted()).toEqual([
      'flows/refund.yaml:13:65',
      'knowledge/money.md:1:1',
      'playbook.yaml:1:1',
      'playbook.yaml:1:1',
      'playbook.yaml:3:1',
      'policies.yaml:3:5',
      'policies.yaml:4:5',
    ]);
    expect(problems.every(({ message, hint }) => message !== '' && hint !== '')).toBe(true);
  });

  it('says that the main file is missing, also for files that were kept', () => {
    expect(problemsOf({ 'playbook.yaml': null })).toMatchObject([
      { file: 'playbook.yaml', message: 'the file cannot be found' },
    ]);
  });

  it('refuses a playbook by which nobody could ever approve', () => {
    expect(problemsOf({}, { reviewers: [] })).toMatchObject([
      {
        message: expect.stringMatching(/^nobody could ever approve "find_invoice" and \d more$/),
        hint: expect.stringContaining('REVIEWERS'),
      },
    ]);
  });

  it('checks no names in code that it does not know', () => {
    expect(problemsOf(refund('action: find_invoice', 'action: find_it'), { reviewers })).toEqual([]);
  });

  it.each<[string, Changes, Partial<PlaybookProblem>]>([
    [
      'a slot that is not there, in a template',
      refund('There is no {invoice_id}', 'There is no {invoice}{nvoice_id}'),
      {
        line: 26,
        column: 17,
        message: 'there is no slot or result "nvoice_id"',
        hint: 'Did you mean "invoice_id"?',
      },
    ],
    [
      'a result that is not there, in a condition',
      refund('value: invoice.state', 'value: bill.state'),
      { line: 13, message: 'there is no slot or result "bill"' },
    ],
    [
      'another result than that of the check, in a check',
      refund('value: result.state', 'value: invoice.state'),
      { line: 23, message: '"invoice" is not known in a check' },
    ],
    [
      'a placeholder with blanks',
      refund('There is no {invoice_id}', 'There is no { invoice_id }'),
      { line: 26, hint: 'Write {invoice_id}' },
    ],
    [
      'a slot that is not there, in an example',
      refund('refund {invoice_id}', 'refund {amount}'),
      { line: 2, message: 'there is no slot "amount"' },
    ],
    [
      'a step that is not there, in next',
      refund('next: end }', 'next: ende }'),
      { line: 25, message: 'there is no step "ende"' },
    ],
    [
      'a step that is not there, on failure',
      refund('on_failure: gone', 'on_failure: gon'),
      { line: 11, column: 5, message: 'there is no step "gon"', hint: 'Did you mean "gone"?' },
    ],
    [
      'a step that is not there, otherwise',
      refund('otherwise: gone', 'otherwise: shure'),
      { line: 14, hint: 'Did you mean "sure"?' },
    ],
    [
      'an end where only next can end',
      refund('otherwise: gone', 'otherwise: end'),
      { line: 14, message: 'only next can end a flow' },
    ],
    [
      'a step that nothing leads to',
      flow('  - { say: hi, next: end }\n  - { id: lost, say: "{a}" }\n'),
      { file: 'flows/x.yaml', line: 6, message: 'nothing leads to the step "lost"' },
    ],
    [
      'steps that go round without waiting',
      flow('  - { id: one, say: hi }\n  - { say: "{a}", next: one }\n'),
      { file: 'flows/x.yaml', line: 5, message: 'the steps one, say_2 go round without waiting for anybody' },
    ],
    [
      'steps that go round past a slot that is filled already',
      flow('  - { id: one, collect: [a] }\n  - { say: "{a}", next: one }\n'),
      { message: 'the steps one, say_2 go round without waiting for anybody' },
    ],
    [
      'a flow that starts itself',
      flow('  - { say: hi }\n  - { link: x, next: end }\n  - { id: never, say: "{a}" }\n'),
      { line: 6, message: 'flow "x" starts itself without waiting for anybody' },
    ],
    [
      'flows that start each other with all that they ask for',
      {
        ...flow('  - { collect: [a] }\n  - { link: { flow: y, slots: { b: "{a}" } } }\n'),
        'flows/y.yaml':
          'description: Y.\nslots:\n  b: { type: text, description: B., ask: B? }\nsteps:\n  - collect: [b]\n  - link: { flow: x, slots: { a: "{b}" } }\n',
      },
      { message: 'x, y start each other without waiting for anybody' },
    ],
    [
      'a tool that is not there',
      refund('action: find_invoice', 'action: find_invoices'),
      { line: 8, column: 5 },
    ],
    [
      'a tool of an agent that is not there',
      sampleWith('agents/billing.yaml', '[find_invoice]', '[find_invoice, drop]'),
      { file: 'agents/billing.yaml', line: 4, column: 23, message: 'there is no tool "drop"' },
    ],
    [
      'a type that is not there',
      refund('type: text', 'type: txt'),
      { line: 4, message: 'there is no type "txt"' },
    ],
    [
      'a verifier that is not there',
      sampleWith('sops/refunds.md', 'verify: found', 'verify: fund'),
      { file: 'sops/refunds.md', line: 5, hint: 'Did you mean "found"?' },
    ],
    [
      'a flow that is not there',
      refund('link: feedback', 'link: fedback'),
      { hint: 'Did you mean "feedback"?' },
    ],
    [
      'an agent that is not there',
      sampleWith('flows/feedback.yaml', 'agent: billing', 'agent: bill'),
      { line: 8, message: 'there is no agent "bill"' },
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
      'an argument that a tool does not have',
      refund('with: { invoice_id:', 'with: { id: 1, invoice_id:'),
      { line: 9, column: 13, message: '"find_invoice" has no argument "id"' },
    ],
    [
      'an argument that a tool needs',
      refund('    with: { invoice_id: "{invoice_id}" }\n    save', '    save'),
      { message: '"find_invoice" needs the argument "invoice_id"' },
    ],
    [
      'a check that somebody would have to approve',
      refund('after: 10m\n      action: find_invoice', 'after: 10m\n      action: refund_invoice'),
      { line: 21, message: expect.stringContaining('nobody approves a check') },
    ],
    [
      'a second step of one name',
      refund('id: gone', 'id: sure'),
      { line: 26, message: 'a second step "sure"' },
    ],
    ['a step called end', refund('id: gone', 'id: end'), { line: 26, message: '"end" ends a flow' }],
    [
      'a result that is saved as a slot',
      refund('save: invoice', 'save: invoice_id'),
      { line: 10, message: '"invoice_id" is a slot already' },
    ],
    [
      'a flow and an agent of one name',
      { 'flows/billing.yaml': 'description: X.\nsteps: [{ say: hi }]\n' },
      { file: 'agents/billing.yaml', message: 'a flow is called "billing" too' },
    ],
    [
      'a slot that nothing uses',
      flow('  - say: hi\n'),
      { line: 3, column: 3, message: 'the slot "a" is neither collected nor used' },
    ],
    ['a slot that is collected twice', flow('  - collect: [a, a]\n'), { line: 5, column: 18 }],
    ['a slot that is collected and is not there', flow('  - collect: [a, b]\n'), { line: 5, column: 18 }],
    [
      'a branch without cases',
      flow('  - collect: [a]\n  - branch: []\n'),
      { line: 6, column: 5, message: '"steps.1.branch": is empty' },
    ],
    ['a list of no conditions', flow('  - branch: [{ when: { all: [] }, goto: b }]\n'), { line: 5 }],
    [
      'a step of no kind',
      flow('  - { sey: hi }\n'),
      {
        line: 5,
        message: '"steps.0": is none of what can stand here',
        hint: expect.stringContaining('collect'),
      },
    ],
    ['a step of two kinds', flow('  - { say: hi, confirm: sure? }\n'), { line: 5, hint: expect.any(String) }],
    [
      'a key of a step that is not known',
      flow('  - { collect: [a], onward: b }\n'),
      { line: 5, column: 21, message: '"onward" is not known here' },
    ],
    [
      'a condition without a comparison',
      flow('  - branch: [{ when: { value: a, equals: 1 }, goto: b }]\n'),
      { line: 5 },
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
    const problems = problemsOf(changes);
    expect(problems).toContainEqual(expect.objectContaining(problem));
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });

  it.each<[string, Changes]>([
    ['a confirm step', flow('  - { id: one, collect: [a] }\n  - { confirm: "{a}?", no: one }\n')],
    [
      'a slot that is emptied',
      flow('  - { id: one, collect: [a] }\n  - { say: "{a}" }\n  - { set: { a: null }, next: one }\n'),
    ],
  ])('lets steps go round over %s', (_, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });

  it('does not take a "#" in a code block for a heading', () => {
    const { passages } = parsePlaybook(
      sampleFiles({ 'knowledge/a.md': '# A\n\n## B\n\n```sh\n# a comment\n```\n' }),
      options,
    );
    expect(passages.filter(({ title }) => title === 'A').map(({ source }) => source)).toEqual(['A › B']);
  });
});
