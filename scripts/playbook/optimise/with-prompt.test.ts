import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { promptPath } from '#playbook/playbook-files';
import { sampleFiles } from '#playbook/sample-files';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { withPrompt } from './with-prompt.ts';

const one: LabelledMessage = { text: 'give: it\nback', expect: { command: 'start_flow', flow: 'refund' } };
const other: LabelledMessage = { text: 'where is it', expect: { command: 'digress', digression: 'status' } };
const third: LabelledMessage = { text: 'a person', expect: { command: 'hand_off' } };

function written(text: string | null, before: object, after: object): string {
  const files = sampleFiles({ [promptPath]: text });
  const none = { examples: [] };
  return withPrompt(files, { ...none, ...before }, { ...none, ...after }).texts[promptPath] ?? '';
}

describe('withPrompt', () => {
  it('makes the file where there is none, a line for each example', () => {
    const text = written(null, {}, { instructions: 'Mind.\nTwice.', examples: [one, other] });
    expect(parse(text)).toEqual({ instructions: 'Mind.\nTwice.', examples: [one, other] });
    expect(text).toMatch(/^# What a model is shown/);
    expect(text.split('\n').filter((line) => line.includes('- {'))).toHaveLength(2);
  });

  it('leaves comments, and what stays the same, as they are written', () => {
    const text = `# mine
instructions: Mind. # why
examples:
  # the oldest
  - text: where is it   # as asked in May
    expect:
      command: digress
      digression: status
  - { text: a person, expect: { command: hand_off } }
`;
    const before = { instructions: 'Mind.', examples: [other, third] };
    const edited = written(text, before, { instructions: 'Mind more.', examples: [other, one] });
    expect(parse(edited)).toEqual({ instructions: 'Mind more.', examples: [other, one] });
    for (const comment of ['# mine', '# why', '# the oldest', '# as asked in May'])
      expect(edited).toContain(comment);
    expect(edited).not.toContain('a person');
  });

  it('gives back the same files for the same prompt', () => {
    const files = sampleFiles();
    expect(withPrompt(files, { examples: [one] }, { examples: [one] })).toBe(files);
  });
});
