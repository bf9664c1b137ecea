import type { JSX } from 'preact';
import type { z } from 'zod';
import type { deadLetter } from '../../../api/resources.ts';
import { shown } from '../../canonical.ts';
import { Card, Facts } from '../../components/card.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Time } from '../../components/time.tsx';
import { useResource } from '../../resource.ts';
import { hrefOf, navigate } from '../../router.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { formatField } from './format-field.ts';
import { SettleLetter } from './settle-letter.tsx';

type DeadLetter = z.infer<typeof deadLetter>;

/** One letter: why it was given up, what it was, and what can be done with it. */
export function LetterDetail({ name }: { readonly name: string }): JSX.Element {
  const resource = useResource<DeadLetter>(`/api/v1/dead-letters/${encodeURIComponent(name)}`);
  useShortcuts([
    { keys: 'Escape', title: 'Back to the list', group: 'Dead letter', run: () => navigate('letters') },
  ]);
  return (
    <div class="letter">
      <a class="back" href={hrefOf('letters')}>
        ← Dead letters
      </a>
      <PageHeader title={`Dead letter ${shown(name)}`} />
      <Loaded resource={resource}>{(letter) => <Letter letter={letter} />}</Loaded>
    </div>
  );
}

function Letter({ letter }: { readonly letter: DeadLetter }): JSX.Element {
  const { session, obstacle } = letter;
  return (
    <>
      <Card title="Why it was given up">
        <p class="letter-reason">{shown(letter.reason)}</p>
        <Facts
          facts={[
            ['Type', <code key="type">{shown(letter.type)}</code>],
            ['Given up by', letter.stage],
            ['Attempts', letter.attempts],
            ['When', <Time key="at" at={letter.at} />],
            ['Stream', letter.stream ?? 'none'],
            ['Partition', letter.partition],
            [
              'Conversation',
              session === null ? (
                'none'
              ) : (
                <a key="session" class="ids" href={hrefOf('conversations', session)}>
                  {shown(session)}
                </a>
              ),
            ],
          ]}
        />
        {obstacle !== null && (
          <p class="obstacle">
            It cannot be replayed: {obstacle}. It can be dropped, which leaves a line in the audit.
          </p>
        )}
        <SettleLetter letter={letter} />
      </Card>
      <Card title="What it was" isFlush>
        <dl class="fields">
          {letter.fields.map(({ name, value }, index) => (
            // Broken entries may have the same field twice, and nothing here ever moves.
            <div key={`${index} ${name}`}>
              <dt>{shown(name)}</dt>
              <dd>
                <pre>{formatField(value)}</pre>
              </dd>
            </div>
          ))}
        </dl>
        {letter.fields.length === 0 && <p class="quiet">It had no fields.</p>}
      </Card>
    </>
  );
}
