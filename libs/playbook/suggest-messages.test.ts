import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPlaybookFiles } from './read-playbook-files.ts';
import { suggestMessages } from './suggest-messages.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));

describe('messages to try a playbook with', () => {
  it('are what begins its flows, and a question, in its own conversation tests', async () => {
    const suggested = suggestMessages(await readPlaybookFiles(example));
    expect(suggested).toContain('Please delete all records of project Apollo');
    expect(suggested).toContain('I want a refund for invoice INV-1042');
    expect(suggested.length).toBeLessThanOrEqual(6);
    expect(new Set(suggested).size).toBe(suggested.length);
  });

  it('are none where the tests cannot be read', () => {
    const files = { dir: 'x', texts: {}, tests: { 'dialogues/a.dialogue.yaml': 'turns: [' }, problems: [] };
    expect(suggestMessages(files)).toEqual([]);
  });
});
