import { useEffect, useRef, useState } from 'preact/hooks';
import type { Approval } from '#contract/approval';
import { StatusBadge } from '../../approvals/status-badge.tsx';
import { codeOf, shown } from '../../canonical.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Markdown } from '../../components/markdown.tsx';
import type { ChatItem } from './chat.ts';
import { Suggestions } from './suggestions.tsx';
import type { Play } from './use-play.ts';

/** The chat of the person who asks. */
export function Conversation({ play, approvals }: { play: Play; approvals: readonly Approval[] }) {
  const { chat, isAnswering, send } = play;
  const end = useRef<HTMLDivElement>(null);
  const isTyping = chat.typing.length > 0 || (isAnswering && chat.items.at(-1)?.kind === 'mine');
  const last = chat.items.at(-1);
  /** Whoever reads further up is left there, until they write something themselves. */
  const isAtEnd = useRef(true);
  useEffect(() => {
    const log = end.current?.parentElement;
    if (isAtEnd.current || last?.kind === 'mine') log?.scrollTo({ top: log.scrollHeight });
  }, [chat.items.length, last?.kind === 'reply' ? last.text.length : 0, isTyping]);
  return (
    <>
      <header class="card-head">
        <h2>You</h2>
        <span class="muted small">as a user of your own</span>
      </header>
      <div
        class="chat"
        role="log"
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys.
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 80;
        }}
      >
        {chat.items.length === 0 ? <Welcome /> : null}
        {chat.items.map((item) => (
          <Item key={item.key} item={item} approval={approvals.find(({ id }) => id === item.key)} />
        ))}
        {isTyping ? (
          <div class="typing" role="status" aria-label="The agent is writing">
            <i />
            <i />
            <i />
          </div>
        ) : null}
        <div ref={end} />
      </div>
      <Composer isBegun={chat.items.length > 0} onSend={send} />
    </>
  );
}

/** Where the person writes, under suggestions to begin with. */
function Composer({ isBegun, onSend }: { isBegun: boolean; onSend(text: string): void }) {
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const submit = (): void => {
    const words = text.trim();
    if (words === '') return;
    onSend(words);
    setText('');
  };
  return (
    <>
      <Suggestions isQuiet={isBegun} onPick={(words) => pick(words, onSend, setText, input.current)} />
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <textarea
          ref={input}
          class="input"
          rows={1}
          aria-label="Your message"
          placeholder="Write a message"
          maxLength={20_000}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <Button kind="primary" type="submit" icon="send" label="Send" isDisabled={text.trim() === ''} />
      </form>
    </>
  );
}

/** A suggestion with something to fill in goes into the field, with that selected; any other is sent. */
function pick(
  words: string,
  send: (text: string) => void,
  setText: (text: string) => void,
  input: HTMLTextAreaElement | null,
): void {
  const gap = /\{[^}]+\}/.exec(words);
  if (gap === null) {
    send(words);
    return;
  }
  setText(words);
  requestAnimationFrame(() => {
    input?.focus();
    input?.setSelectionRange(gap.index, gap.index + gap[0].length);
  });
}

function Welcome() {
  return (
    <div class="welcome">
      <span class="logo large" aria-hidden="true" />
      <p class="empty-title">Ask the agents something</p>
      <p class="muted">
        They answer from the playbook. What is risky they ask the reviewer first, and that is you too.
      </p>
    </div>
  );
}

function Item({ item, approval }: { item: ChatItem; approval: Approval | undefined }) {
  switch (item.kind) {
    case 'mine':
      return (
        <div class="chat-bubble mine">
          <p class="mine-text">{item.text}</p>
          {item.problem === null ? null : (
            <p class="chat-problem" role="alert">
              Not sent: {item.problem}
            </p>
          )}
        </div>
      );
    case 'reply':
      return (
        <div class={`chat-bubble reply ${item.isFinal ? '' : 'growing'}`} data-final={item.isFinal}>
          <Markdown text={item.text} />
        </div>
      );
    case 'approval':
      return (
        <div class="chat-note approval-note">
          <Icon name="shield" size={15} />
          <span>
            <span class="code">{item.actions.map(shown).join(', ')}</span> asked a reviewer{' '}
            <span class="code muted">{codeOf(item.key)}</span>
          </span>
          {approval === undefined ? null : <StatusBadge status={approval.status} />}
        </div>
      );
    case 'status':
      return (
        <div class="chat-note">
          <Icon name="clock" size={15} />
          <Markdown text={item.text} />
        </div>
      );
    case 'failed':
      return (
        <div class="chat-note failed" role="alert">
          <Icon name="warning" size={15} />
          <Markdown text={item.text} />
        </div>
      );
  }
}
