import './letters.css';
import type { JSX } from 'preact';
import type { z } from 'zod';
import type { deadLetterList } from '../../../api/resources.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Badge } from '../../components/badge.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import type { PageProps } from '../../pages.ts';
import { useResource } from '../../resource.ts';
import { hrefOf } from '../../router.ts';
import { LetterDetail } from './letter-detail.tsx';

export type DeadLetter = z.infer<typeof deadLetterList>['letters'][number];

/** What was given up: `#/letters`, and one of them at `#/letters/<partition>:<id>`. */
export default function LettersPage({ rest }: PageProps): JSX.Element {
  const [letter] = rest;
  return letter === undefined ? <LetterList /> : <LetterDetail key={letter} name={letter} />;
}

function LetterList(): JSX.Element {
  const resource = useResource<z.infer<typeof deadLetterList>>('/api/v1/dead-letters', { everyMs: 10_000 });
  return (
    <div class="letters">
      <PageHeader
        title="Dead letters"
        about="What was given up after all attempts, with its bytes. Nothing is lost: replay it when its cause is mended."
      />
      <Loaded resource={resource}>
        {({ letters }) => (
          <Table
            label="Dead letters"
            columns={columns}
            rows={letters}
            keyOf={({ letter }) => letter}
            hrefOf={({ letter }) => hrefOf('letters', letter)}
            empty={
              <Empty icon="letter" title="Nothing was given up">
                An entry that fails again and again, or that nobody can read, ends here, and its conversation
                is told. Replaying it gives it a new try.
              </Empty>
            }
          />
        )}
      </Loaded>
    </div>
  );
}

const columns: readonly Column<DeadLetter>[] = [
  {
    title: 'Letter',
    cell: ({ letter, session }) => (
      <span class="two-lines">
        <strong>{session === null ? 'No conversation' : personOf(session)}</strong>
        <small>{letter}</small>
      </span>
    ),
  },
  { title: 'Type', cell: ({ type }) => <code class="type">{shown(type)}</code> },
  { title: 'Why', isProse: true, cell: ({ reason }) => <span class="clamped">{shown(reason)}</span> },
  { title: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts },
  { title: 'Given up by', cell: ({ stage }) => stage },
  {
    title: 'Replay',
    cell: ({ obstacle }) =>
      obstacle === null ? <Badge tone="good">possible</Badge> : <Badge tone="warn">not possible</Badge>,
  },
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
];

/** Whose conversation it is: the part of a session id from its first `:@`. */
export function personOf(session: string): string {
  const at = session.indexOf(':@');
  return at < 0 ? shown(session) : nameOf(session.slice(at + 1));
}
