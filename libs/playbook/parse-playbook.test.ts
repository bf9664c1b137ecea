import { describe, expect, it } from 'vitest';
import { PlaybookError } from './errors.ts';
import { parsePlaybook } from './parse-playbook.ts';
import { sampleFiles, sampleOptions, sampleProblems, sampleWith } from './sample-files.ts';

const options = sampleOptions;
const { reviewers } = sampleOptions;
type Changes = Record<string, string | null>;

const refund = (part: string, replacement: string): Changes =>
  sampleWith('flows/refund.yaml', part, replacement);

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
    expect(playbook.prompt).toEqual({
      instructions: 'Mind money.',
      examples: [{ text: 'refund it', expect: { command: 'start_flow', flow: 'refund' } }],
    });
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
      messages: { doubleText: 'enqueue', rooms: {}, onRedaction: 'withdraw_answer' },
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

  it('refuses an example for a model that names what is not there', () => {
    const prompt = sampleWith('understanding/prompt.yaml', 'flow: refund }', 'flow: refunds }');
    expect(sampleProblems(prompt)).toMatchObject([
      { file: 'understanding/prompt.yaml', line: 3, hint: 'Did you mean "refund"?' },
    ]);
  });

  it('tells every mistake of every file at once', () => {
    const problems = sampleProblems({
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

  it('throws what is wrong as one error that lists it', () => {
    const broken = (): unknown => parsePlaybook(sampleFiles({ 'playbook.yaml': 'name: [' }), options);
    expect(broken).toThrow(PlaybookError);
    expect(broken).toThrow(/^The playbook sample has \S+ mistakes?:\n {2}playbook\.yaml:1:\d+ /);
  });

  it('says that the main file is missing, also for files that were kept', () => {
    expect(sampleProblems({ 'playbook.yaml': null })).toMatchObject([
      { file: 'playbook.yaml', message: 'the file cannot be found' },
    ]);
  });

  it('refuses a playbook by which nobody could ever approve', () => {
    expect(sampleProblems({}, { reviewers: [] })).toMatchObject([
      {
        message: expect.stringMatching(/^nobody could ever approve "find_invoice" and \d more$/),
        hint: expect.stringContaining('REVIEWERS'),
      },
    ]);
  });

  it('checks no names in code that it does not know', () => {
    expect(sampleProblems(refund('action: find_invoice', 'action: find_it'), { reviewers })).toEqual([]);
  });

  it('does not take a "#" in a code block for a heading', () => {
    const { passages } = parsePlaybook(
      sampleFiles({ 'knowledge/a.md': '# A\n\n## B\n\n```sh\n# a comment\n```\n' }),
      options,
    );
    expect(passages.filter(({ title }) => title === 'A').map(({ source }) => source)).toEqual(['A › B']);
  });
});
