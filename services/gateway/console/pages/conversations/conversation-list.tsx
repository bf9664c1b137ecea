import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { sessionList } from '../../../api/resources.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Empty } from '../../components/empty.tsx';
import { Field } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useResource } from '../../resource.ts';
import { hrefOf } from '../../router.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { filterChoices, filterSessions, type Session, type SessionFilter } from './filter-sessions.ts';
import { WhyField } from './why-field.tsx';

type SessionList = z.infer<typeof sessionList>;

const nothingSet: SessionFilter = { text: '', state: '', flow: '' };
/** Kept while the page is away: whoever looks into one conversation comes back to the same list. */
let lastFilter = nothingSet;

/** All conversations with the latest turns, newest first. */
export function ConversationList(): JSX.Element {
  const resource = useResource<SessionList>('/api/v1/sessions', {
    everyMs: 15_000,
    onLive: ({ event }) => event === 'message' || event === 'reply',
  });
  const [filter, setFilter] = useState(lastFilter);
  useShortcuts([{ keys: '/', title: 'Find in the list', group: 'Lists', run: focusFilter }]);
  const change = (part: Partial<SessionFilter>): void => {
    lastFilter = { ...filter, ...part };
    setFilter(lastFilter);
  };
  return (
    <div class="conversations">
      <PageHeader
        title="Conversations"
        about="Who talks with the bot, and where their flows stand."
        actions={<WhyField />}
      />
      <Loaded resource={resource}>
        {({ sessions }) => (
          <>
            <Filters sessions={sessions} filter={filter} change={change} />
            <Table
              label="Conversations"
              columns={columns}
              rows={filterSessions(sessions, filter)}
              keyOf={({ session }) => session}
              hrefOf={({ session }) => hrefOf('conversations', session)}
              empty={sessions.length === 0 ? <NoneYet /> : <NoneFits reset={() => change(nothingSet)} />}
            />
          </>
        )}
      </Loaded>
    </div>
  );
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>('.filters input')?.focus();
}

interface FiltersProps {
  readonly sessions: readonly Session[];
  readonly filter: SessionFilter;
  change(part: Partial<SessionFilter>): void;
}

function Filters({ sessions, filter, change }: FiltersProps): JSX.Element {
  const { states, flows } = filterChoices(sessions);
  const options = (all: string, names: readonly string[]) => [
    { value: '', label: all },
    ...names.map((name) => ({ value: name, label: name.replaceAll('_', ' ') })),
  ];
  return (
    <search class="filters">
      <Field
        label="Find by person, room, flow or topic"
        isHidden
        placeholder="Person, room, flow, topic …"
        value={filter.text}
        onInput={(text) => change({ text })}
      />
      <Field
        label="State"
        isHidden
        value={filter.state}
        options={options('Any state', states)}
        onInput={(state) => change({ state })}
      />
      <Field
        label="Flow"
        isHidden
        value={filter.flow}
        options={options('Any flow', flows)}
        onInput={(flow) => change({ flow })}
      />
    </search>
  );
}

const columns: readonly Column<Session>[] = [
  {
    title: 'Person',
    cell: ({ user, room, thread }) => (
      <span class="two-lines">
        <strong>{nameOf(user)}</strong>
        <small>
          {shown(room)}
          {thread === null ? '' : ', in a thread'}
        </small>
      </span>
    ),
  },
  {
    title: 'State',
    cell: ({ conversation_state: state }) => (
      <Badge tone={stateTone(state)}>{state.replaceAll('_', ' ')}</Badge>
    ),
  },
  { title: 'Flow', cell: (one) => <FlowText {...one} /> },
  { title: 'Topics', cell: ({ topics }) => topics.map((topic) => topic.replaceAll('_', ' ')).join(', ') },
  { title: 'Turns', isNumber: true, cell: ({ turns }) => turns },
  { title: 'Last turn', cell: ({ lastTurnAt }) => <Time at={lastTurnAt} /> },
];

function FlowText({ flow, step, awaiting, paused, parked }: Session): JSX.Element {
  if (flow === null && paused.length === 0 && parked.length === 0) return <>–</>;
  return (
    <span class="flow-text">
      {flow !== null && (
        <>
          {flow}
          {step !== null && ` › ${step}`}
          {awaiting !== null && <small>awaits {awaiting}</small>}
        </>
      )}
      {parked.length > 0 && (
        <span>
          {parked.join(', ')} <small>waits for a reviewer</small>
        </span>
      )}
      {paused.length > 0 && <small>paused: {paused.join(', ')}</small>}
    </span>
  );
}

/** Idle is calm; what waits for somebody stands out. */
export function stateTone(state: string): Tone {
  if (state === 'idle' || state === 'closed' || state === 'resolved') return 'neutral';
  if (/review|approv|human|person|hand|wait/.test(state)) return 'warn';
  return 'accent';
}

function NoneYet(): JSX.Element {
  return (
    <Empty icon="chat" title="No conversations yet">
      Whoever writes to the bot in a room that it is in starts one. Try it in the{' '}
      <a href={hrefOf('playground')}>playground</a>.
    </Empty>
  );
}

function NoneFits({ reset }: { reset(): void }): JSX.Element {
  return (
    <Empty icon="search" title="No conversation fits">
      <button type="button" class="link" onClick={reset}>
        Show all
      </button>
    </Empty>
  );
}
