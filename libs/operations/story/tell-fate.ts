import { parseSessionId } from '#contract/session-id';
import type { Fate } from './find-fate.ts';
import type { Evidence } from './gather-evidence.ts';
import type { StoryLine } from './story.ts';

/** Of a turn that left no account: what the ledger, the streams and the dead letters still tell. */
export function tellFate({ subject }: Evidence, fate: Fate): StoryLine[] {
  const user = parseSessionId(subject.session)?.user ?? '';
  const received = (type: string, appendedAt: number | null): StoryLine => ({
    at: timeOf(appendedAt),
    kind: 'received',
    text:
      type === 'message.received' ? `A message was received from ${user}` : `An entry was received: ${type}`,
    details: [subject.turn, `partition ${subject.partition}`],
  });
  switch (fate.kind) {
    case 'dead':
      return [
        received(fate.type, fate.appendedAt),
        {
          at: timeOf(fate.at),
          kind: 'failed',
          text: `It was given up after ${fate.attempts === '1' ? '1 attempt' : `${fate.attempts} attempts`}`,
          details: [
            fate.reason,
            ...(fate.letter === null
              ? []
              : [`dead letter ${fate.letter}: "vagent dead replay ${fate.letter}" tries it again`]),
          ],
        },
      ];
    case 'waiting':
      return [
        received(fate.type, fate.appendedAt),
        {
          at: null,
          kind: 'waiting',
          text: fate.worker === null ? 'It waits for a worker' : `It is with worker ${fate.worker}`,
          details: [
            `entry ${fate.entry}`,
            ...(fate.begun > 1 ? [`begun ${fate.begun} times: those before did not end`] : []),
          ],
        },
      ];
    case 'done':
      return [
        received(fate.type, fate.appendedAt),
        { at: null, kind: 'turn', text: `It ended: ${fate.outcome.replaceAll('_', ' ')}`, details: [] },
      ];
    case 'unknown':
      return [
        {
          at: null,
          kind: 'waiting',
          text: 'The ledger does not know this turn: it never reached the stream, or was forgotten after 14 days',
          details: [subject.turn],
        },
      ];
    default:
      return fate satisfies never;
  }
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
