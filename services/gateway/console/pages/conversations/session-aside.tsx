import type { JSX } from 'preact';
import { Card, Facts } from '../../components/card.tsx';
import { Time } from '../../components/time.tsx';
import { formatCost, formatCount } from '../overview/format-amount.ts';
import { tokensOf } from './summarise-turn.ts';
import { ApprovalLine } from './turn-view.tsx';
import type { Timeline } from './use-story.ts';

/** Where the conversation stands: its flows, what it awaits, who has to decide. */
export function SessionAside({ known }: { readonly known: Timeline }): JSX.Element {
  const { session, waiting, turns } = known;
  const tokens = turns.reduce((sum, turn) => sum + tokensOf(turn), 0);
  const cost = turns.reduce((sum, turn) => sum + turn.cost, 0);
  return (
    <aside class="session-aside" aria-label="Where it stands">
      <Card title="Flows">
        <FlowStack {...session} />
      </Card>
      {waiting.length > 0 && (
        <Card title="Waits for a reviewer">
          {waiting.map((approval) => (
            <ApprovalLine key={approval.id} approval={approval} />
          ))}
        </Card>
      )}
      <Card title="About it">
        <Facts
          facts={[
            ['Topics', session.topics.length > 0 ? session.topics.join(', ') : 'none'],
            ['Last turn', <Time key="at" at={session.lastTurnAt} />],
            ['Turns', formatCount(session.turns)],
            ['Tokens', formatCount(tokens)],
            ['Cost', formatCost(cost)],
            ['Partition', session.partition],
            ...(session.thread === null
              ? []
              : ([['Thread', <code key="thread">{session.thread}</code>]] as const)),
            ['Person', <code key="user">{session.user}</code>],
          ]}
        />
      </Card>
    </aside>
  );
}

/** The flow that is on top first; under it those that it interrupted. */
function FlowStack({ flow, step, awaiting, paused, parked }: Timeline['session']): JSX.Element {
  if (flow === null && paused.length === 0 && parked.length === 0) {
    return <p class="quiet">None is open. The next message may start one.</p>;
  }
  return (
    <ol class="flow-stack">
      {flow !== null && (
        <li class="is-current">
          <strong>{flow}</strong>
          {step !== null && <span>at {step}</span>}
          {awaiting !== null && (
            <span>
              awaits <code>{awaiting}</code>
            </span>
          )}
        </li>
      )}
      {[...paused].reverse().map((name) => (
        <li key={`paused ${name}`}>
          <strong>{name}</strong> <span>paused</span>
        </li>
      ))}
      {parked.map((name) => (
        <li key={`parked ${name}`}>
          <strong>{name}</strong> <span>waits for a reviewer</span>
        </li>
      ))}
    </ol>
  );
}
