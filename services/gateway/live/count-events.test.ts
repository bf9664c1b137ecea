import { expect, it } from 'vitest';
import type { LiveEvent } from '../api/live.ts';
import { countEvents } from './count-events.ts';

it('measures the first ten thousand replies of a sample, however long nobody takes one', () => {
  const counts = countEvents();
  const about = { id: '1-0,0-0,0-0', session: 's', text: '' };
  const answerAfter = (turn: string, ms: number) => {
    const events: LiveEvent[] = [
      { ...about, turn, at: new Date(0).toISOString(), event: 'message', sender: '@ana:localhost' },
      { ...about, turn, at: new Date(ms).toISOString(), event: 'reply', reply: turn },
    ];
    for (const event of events) counts.onEvent(event);
  };
  for (let turn = 0; turn < 10_000; turn++) answerAfter(`$${turn}`, 10);
  for (let turn = 10_000; turn < 15_000; turn++) answerAfter(`$${turn}`, 500);
  expect(counts.take()).toMatchObject({ messages: 15_000, replies: 15_000, p50Ms: 10, p95Ms: 10 });
  expect(counts.take()).toMatchObject({ replies: 0, p50Ms: null });
});
