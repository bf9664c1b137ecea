import type { JSX } from 'preact';
import type { z } from 'zod';
import type { story } from '../../../api/resources.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Card } from '../../components/card.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Markdown } from '../../components/markdown.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Time } from '../../components/time.tsx';
import { useResource } from '../../resource.ts';
import { hrefOf } from '../../router.ts';
import { tellAuditLine } from '../audit/tell-audit-line.ts';
import { causeName } from './summarise-turn.ts';
import { TurnAccount } from './turn-account.tsx';
import { ApprovalLine } from './turn-view.tsx';
import { WhyField } from './why-field.tsx';

type Story = z.infer<typeof story>;

/** Why an event was posted: in words, and what these were made of. */
export function WhyPage({ event }: { readonly event: string }): JSX.Element {
  const path = event === '' ? null : `/api/v1/turns/${encodeURIComponent(event)}`;
  const resource = useResource<Story>(path);
  return (
    <div class="why">
      <a class="back" href={hrefOf('conversations')}>
        ← Conversations
      </a>
      <PageHeader
        title="Why"
        about={event === '' ? 'How a reply came about.' : <code class="ids">{event}</code>}
        actions={<WhyField event={event} />}
      />
      {path === null ? (
        <Empty icon="search" title="Which event?">
          Paste the id of any event in a room: a message, a reply of the bot, or the prompt of an approval.
          Most Matrix clients show it under “view source” of the message.
        </Empty>
      ) : (
        <Loaded resource={resource}>{(data) => <StoryView story={data} />}</Loaded>
      )}
    </div>
  );
}

function StoryView({ story }: { readonly story: Story }): JSX.Element {
  const { session, lines, turns, approvals, audit, gaps } = story;
  return (
    <div class="why-columns">
      <Card title="In words" actions={<a href={hrefOf('conversations', session)}>The whole conversation</a>}>
        <ol class="story-lines">
          {lines.map((line, index) => (
            // Told once, never changed.
            <li key={index}>
              <Markdown text={line.text} />
              {line.at !== null && <Time at={line.at} />}
              {line.details.length > 0 && (
                <ul class="details">
                  {line.details.map((detail) => (
                    <li key={detail}>{shown(detail)}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ol>
        {gaps.length > 0 && (
          <>
            <h3>Not known any more</h3>
            <ul class="gaps">
              {gaps.map((gap) => (
                <li key={gap}>{gap}</li>
              ))}
            </ul>
          </>
        )}
      </Card>
      <div class="why-parts">
        {turns.map((turn) => (
          <Card key={turn.turn} title={`The turn of the ${causeName(turn.cause)}`}>
            <TurnAccount turn={turn} isOpen />
          </Card>
        ))}
        {approvals.length > 0 && (
          <Card title="Approvals">
            {approvals.map((approval) => (
              <ApprovalLine key={approval.id} approval={approval} />
            ))}
          </Card>
        )}
        {audit.length > 0 && (
          <Card title="In the audit">
            <ol class="audit-lines">
              {audit.map((fields) => {
                const { what, by, isBad } = tellAuditLine(fields);
                return (
                  <li key={fields['hash'] ?? what} class={isBad ? 'is-bad' : undefined}>
                    {what}
                    {by !== null && <small>{nameOf(by)}</small>}
                  </li>
                );
              })}
            </ol>
          </Card>
        )}
      </div>
    </div>
  );
}
