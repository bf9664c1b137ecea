import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { nameOf, shown } from '../../canonical.ts';
import { Badge } from '../../components/badge.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useListKeys } from '../../list-keys.ts';
import { hrefOf, navigate } from '../../router.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { stateTone } from './conversation-list.tsx';
import { ResetSession } from './reset-session.tsx';
import { SessionAside } from './session-aside.tsx';
import type { StoryTurn } from './tell-turns.ts';
import { TurnView } from './turn-view.tsx';
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
  const { known: data, error, reload, turns } = story;
  return (
    <Loaded resource={{ data, error, isLoading: data === undefined, reload }}>
      {(known) => (
        <div class="conversation-columns">
          <SessionAside known={known} />
          <Turns turns={turns} />
        </div>
      )}
    </Loaded>
  );
}

function Turns({ turns }: { readonly turns: readonly StoryTurn[] }): JSX.Element {
  const end = useRef<HTMLDivElement>(null);
  const story = useRef<HTMLElement>(null);
  useListKeys(story);
  useStickToEnd(end, turns);
  if (turns.length === 0) {
    return (
      <Empty icon="chat" title="Nothing is kept of it any more">
        What was said is kept for a day, accounts of turns as long as the conversation. The next message shows
        up here by itself.
      </Empty>
    );
  }
  return (
    <section ref={story} class="story" aria-label="What happened, oldest first">
      {turns.map((turn, index) => (
        <TurnView key={turn.turn} turn={turn} isNewest={index === turns.length - 1} />
      ))}
      <div ref={end} />
    </section>
  );
}

/** Whoever looks at the end goes on looking at the end; whoever has scrolled up stays where they are. */
function useStickToEnd(end: { readonly current: HTMLDivElement | null }, turns: readonly StoryTurn[]): void {
  const wasAtEnd = useRef(true);
  useLayoutEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        wasAtEnd.current = entry?.isIntersecting === true;
      },
      { rootMargin: '160px' },
    );
    if (end.current !== null) observer.observe(end.current);
    return () => observer.disconnect();
  }, [end]);
  useLayoutEffect(() => {
    if (wasAtEnd.current) end.current?.scrollIntoView({ block: 'end' });
  }, [turns, end]);
}

function toggleAccounts(): void {
  const accounts = [...document.querySelectorAll<HTMLDetailsElement>('details.account')];
  const isOpen = accounts.some(({ open }) => !open);
  for (const account of accounts) account.open = isOpen;
}
