import { describe, expect, it } from 'vitest';
import { renderOutcome } from './render-outcome.ts';
import { renderReminder } from './render-reminder.ts';

const resolved = {
  approval: 'AAAAAAAAAAAAAAAAAAAA',
  notice: 'outcome',
  status: 'approved',
  by: ['@rita:x'],
  text: 'Approved by @rita:x. Deleted 3 records',
  replyTo: null,
} as const;

describe('renderOutcome', () => {
  it('stands above the prompt and says who decided, once', () => {
    const prompt = { body: 'Approval\nAction', html: '<strong>Approval</strong>' };
    const { body, html } = renderOutcome({ ...resolved, by: ['@rita:x'] }, prompt);
    expect(body).toBe('✅ Approved by @rita:x. Deleted 3 records\n\nApproval\nAction');
    expect(html).toBe(
      '<strong>✅ Approved by @rita:x. Deleted 3 records</strong><hr>\n<strong>Approval</strong>',
    );
  });

  it('names the deciders and the approval where the text or the prompt does not', () => {
    const { body, html } = renderOutcome({ ...resolved, by: ['@rita:x', '@bo<b>:x'], text: '' }, undefined);
    expect(body).toBe('✅ Approved (by @rita:x, @bo<b>:x) (approval AAAAAAAAAAAAAAAAAAAA)');
    expect(html).toContain('@bo&lt;b&gt;:x');
  });

  it('keeps what a tool or a reviewer wrote on its line', () => {
    const { body } = renderOutcome({ ...resolved, by: [], text: 'Done\nRisk: low\u202e' }, undefined);
    expect(body).toBe(String.raw`✅ Done Risk: low\u202e (approval AAAAAAAAAAAAAAAAAAAA)`);
  });

  it('cuts a long answer, so that prompt and outcome fit into one event', () => {
    const text = `Answered by @rita:x. ${'<b> & '.repeat(10_000)}`;
    const { body, html } = renderOutcome({ ...resolved, by: ['@rita:x'], text }, undefined);
    expect(body).toMatch(/^✅ Answered by @rita:x\. <b> .* characters are hidden/);
    expect(html.length).toBeLessThan(5_000);
  });
});

describe('renderReminder', () => {
  it('names each reviewer, as a pill too', () => {
    const { body, html } = renderReminder({ reminder: 2, expiresAt: '2026-01-02T03:04:05.000Z' }, [
      '@rita:x',
    ]);
    expect(body).toMatch(/^@rita:x: Reminder 2: .*2026-01-02 03:04 UTC/);
    expect(html).toContain('<a href="https://matrix.to/#/%40rita%3Ax">@rita:x</a>');
  });
});
