import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { useListKeys } from '../../list-keys.ts';
import { useShortcuts } from '../../shortcuts.ts';
import type { StoryTurn } from './tell-turns.ts';
import { TurnView } from './turn-view.tsx';
import type { LiveStory, OlderPages } from './use-story.ts';

/** The turns of a conversation, oldest first, with a way back to what was before. */
export function StoryTurns({ turns, older }: Pick<LiveStory, 'turns' | 'older'>): JSX.Element {
  const end = useRef<HTMLDivElement>(null);
  const story = useRef<HTMLElement>(null);
  useListKeys(story);
  useShortcuts([
    { keys: 'b', title: 'Show what was before', group: 'Conversation', run: () => older.show() },
  ]);
  useKeepPlace(story, end, turns);
  if (turns.length === 0 && !older.hasMore) {
    return (
      <Empty icon="chat" title="Nothing is kept of it any more">
        What was said is kept for a day, accounts of turns as long as the conversation. The next message shows
        up here by itself.
      </Empty>
    );
  }
  return (
    <section ref={story} class="story" aria-label="What happened, oldest first">
      <Older older={older} isEmpty={turns.length === 0} />
      {turns.map((turn, index) => (
        <TurnView key={turn.turn} turn={turn} isNewest={index === turns.length - 1} />
      ))}
      <div ref={end} />
    </section>
  );
}

/** At the top: more, or that this is all. Who has come here by the button goes on from here by keyboard. */
function Older({ older, isEmpty }: { readonly older: OlderPages; readonly isEmpty: boolean }): JSX.Element {
  const { hasMore, isLoading, show } = older;
  const wasAsked = useRef(false);
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!hasMore && wasAsked.current) place.current?.focus({ preventScroll: true });
  }, [hasMore]);
  const ask = (): void => {
    wasAsked.current = true;
    show();
  };
  return (
    <div class="story-older">
      {hasMore && <Button onClick={ask}>{isLoading ? 'Looking …' : 'Show older'}</Button>}
      <p ref={place} class="quiet" role="status" tabIndex={-1}>
        {hasMore ? isEmpty && 'Nothing was said lately.' : 'This is the beginning: nothing older is kept.'}
      </p>
    </div>
  );
}

interface Place {
  readonly turn: Element;
  readonly edge: 'top' | 'bottom';
  readonly at: number;
}

/**
 * Whoever looks at the end goes on looking at the end. Whoever has scrolled up keeps the turn that they look at where it is,
 * whatever is added above it or let go.
 */
function useKeepPlace(
  story: { readonly current: HTMLElement | null },
  end: { readonly current: HTMLElement | null },
  turns: readonly StoryTurn[],
): void {
  const wasAtEnd = useRef(true);
  // What is on the screen now is what was drawn before.
  const before = wasAtEnd.current ? undefined : placeIn(story.current);
  useLayoutEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        wasAtEnd.current = entry?.isIntersecting === true;
      },
      { rootMargin: '160px' },
    );
    if (end.current !== null) observer.observe(end.current);
    return () => observer.disconnect();
  }, [end, turns.length === 0]);
  useLayoutEffect(() => {
    if (wasAtEnd.current) end.current?.scrollIntoView({ block: 'end' });
    else if (before?.turn.isConnected === true)
      scrollBy({ top: before.turn.getBoundingClientRect()[before.edge] - before.at, behavior: 'instant' });
  }, [turns, end]);
}

/** The first turn that can be seen, and how far down it is. The oldest may get its beginning with the page before. */
function placeIn(story: HTMLElement | null): Place | undefined {
  const turns = [...(story?.querySelectorAll(':scope > .turn') ?? [])];
  const turn = turns.find((one) => one.getBoundingClientRect().bottom > 0);
  if (turn === undefined) return undefined;
  const edge = turn === turns[0] ? 'bottom' : 'top';
  return { turn, edge, at: turn.getBoundingClientRect()[edge] };
}
