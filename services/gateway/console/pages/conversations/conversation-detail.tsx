import type { JSX } from 'preact';
import { nameOf, shown } from '../../canonical.ts';
import { Badge } from '../../components/badge.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { hrefOf, navigate } from '../../router.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { stateTone } from './conversation-list.tsx';
import { ResetSession } from './reset-session.tsx';
import { SessionAside } from './session-aside.tsx';
import { StoryTurns } from './story-turns.tsx';
import { type LiveStory, useStory } from './use-story.ts';

/** One conversation: what was said and how it came about, as it goes on. */
export function ConversationDetail({ session }: { readonly session: string }): JSX.Element {
  const story = useStory(session);
  useShortcuts([
    {
      keys: 'Escape',
      title: 'Back to the list',
      group: 'Conversation',
      run: () => navigate('conversations'),
    },
    { keys: 'o', title: 'Unfold or fold every account', group: 'Conversation', run: toggleAccounts },
  ]);
  const known = story.known?.session;
  return (
    <div class="conversation">
      <a class="back" href={hrefOf('conversations')}>
        ← Conversations
      </a>
      <PageHeader
        title={known === undefined ? 'Conversation' : nameOf(known.user)}
        about={<code class="ids">{shown(known?.room ?? session)}</code>}
        actions={
          known !== undefined && (
            <>
              <Badge tone={stateTone(known.conversation_state)}>
                {known.conversation_state.replaceAll('_', ' ')}
              </Badge>
              <ResetSession session={session} onReset={story.reload} />
            </>
          )
        }
      />
      <Story story={story} />
    </div>
  );
}

function Story({ story }: { readonly story: LiveStory }): JSX.Element {
  const { known: data, error, reload, turns, older } = story;
  return (
    <Loaded resource={{ data, error, isLoading: data === undefined, reload }}>
      {(known) => (
        <div class="conversation-columns">
          <SessionAside known={known} />
          <StoryTurns turns={turns} older={older} />
        </div>
      )}
    </Loaded>
  );
}

function toggleAccounts(): void {
  const accounts = [...document.querySelectorAll<HTMLDetailsElement>('details.account')];
  const isOpen = accounts.some(({ open }) => !open);
  for (const account of accounts) account.open = isOpen;
}
