import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlaybook } from './load-playbook.ts';
import { outlinePlaybook } from './outline-playbook.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));

describe('the outline of a playbook', () => {
  it('names agents, flows, tools with who decides, and flags', async () => {
    const playbook = await loadPlaybook(example, { reviewers: ['@rita:localhost'] });
    const outline = outlinePlaybook(playbook);
    expect(outline.version).toBe(playbook.version);
    expect(outline.agents.map(({ id }) => id)).toContain('billing');
    expect(outline.flows.find(({ id }) => id === 'refund')?.steps).toBeGreaterThan(3);
    expect(outline.tools.find(({ name }) => name === 'refund_invoice')).toMatchObject({
      risk: 'medium',
      reviewers: ['@rita:localhost'],
    });
    expect(outline.flags.length).toBe(Object.keys(JSON.parse(playbook.flags).flags).length);
  });
});
