import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { timeline as timelineSchema } from '../../../api/resources.ts';
import { ApiError } from '../../api.ts';
import { followLive } from '../../live.ts';
import { followAll } from '../../live-hub.ts';
import { me } from '../../me.ts';
import { type Resource, useResource } from '../../resource.ts';
import { shortId } from '../../short-id.ts';
import { type Chat, emptyChat, failMessage, say, takeChunk, takeLive } from './chat.ts';
import { type KeptPlay, keepPlay, newPlay, readPlay } from './kept-play.ts';
import { sendMessage } from './send-message.ts';

export type Timeline = z.infer<typeof timelineSchema>;

export interface Play {
  readonly chat: Chat;
  readonly session: string | null;
  readonly timeline: Resource<Timeline>;
  /** An answer is on its way: another message can be sent all the same. */
  readonly isAnswering: boolean;
  send(text: string): void;
  startAnew(): void;
}

type Change = (chat: Chat) => Chat;

/** A conversation of the playground, which survives a reload in the middle of an answer. */
export function usePlay(): Play {
  const [user] = useState(() => me.peek()?.user ?? '');
  const [play, setPlay] = useState<KeptPlay>(() => readPlay(user));
  const [chat, change] = useReducer((before: Chat, by: Change) => by(before), emptyChat);
  const [answering, setAnswering] = useState(0);
  const newest = useRef(play);
  const alive = useRef(new AbortController());
  const update = (by: Partial<KeptPlay>): void => {
    newest.current = { ...newest.current, ...by };
    keepPlay(user, newest.current);
    setPlay(newest.current);
  };

  const follow = (messageId: string, text: string, lastEventId: string | null): void => {
    const { signal } = alive.current;
    setAnswering((count) => count + 1);
    const onChunk: Parameters<typeof sendMessage>[1]['onChunk'] = (chunk, id) => {
      if (signal.aborted) return;
      change((before) => takeChunk(before, messageId, chunk));
      const { pending } = newest.current;
      if (pending?.messageId === messageId && id !== undefined)
        update({ pending: { ...pending, lastEventId: id } });
    };
    const onSession = (session: string): void => {
      if (!signal.aborted && newest.current.session === null) update({ session });
    };
    const message = { conversation: newest.current.conversation, messageId, text, lastEventId };
    sendMessage(message, { onChunk, onSession }, signal)
      .catch((error: unknown) => {
        const why = error instanceof ApiError ? error.message : String(error);
        if (!signal.aborted) change((before) => failMessage(before, messageId, why));
      })
      .finally(() => {
        if (signal.aborted) return;
        setAnswering((count) => count - 1);
        if (newest.current.pending?.messageId === messageId) update({ pending: null });
      });
  };

  useEffect(() => {
    alive.current = new AbortController();
    const { pending } = newest.current;
    if (pending !== null) {
      change((before) => say(before, pending.messageId, pending.text));
      follow(pending.messageId, pending.text, pending.lastEventId);
    }
    return () => alive.current.abort();
  }, [play.conversation]);

  const timeline = useSession(play, (session) => update({ session }), change);
  return {
    chat,
    session: play.session,
    timeline,
    isAnswering: answering > 0,
    send: (text) => {
      const messageId = shortId();
      update({ pending: { messageId, text, lastEventId: null } });
      change((before) => say(before, messageId, text));
      follow(messageId, text, null);
    },
    startAnew: () => {
      alive.current.abort();
      setAnswering(0);
      change(() => emptyChat);
      update(newPlay());
    },
  };
}

/** What is known of the session, and what happens in it from there on. */
function useSession(
  { conversation, session }: KeptPlay,
  onSession: (session: string) => void,
  change: (by: Change) => void,
): Resource<Timeline> {
  const path = session === null ? null : `/api/v1/sessions/${encodeURIComponent(session)}/timeline`;
  const timeline = useResource<Timeline>(path, {
    onLive: (event) => event.session === session && event.event !== 'draft' && event.event !== 'message',
  });
  const { data, error, reload } = timeline;
  // The first answer names the session; until then the feed of all conversations does.
  useEffect(() => {
    if (session !== null) return;
    const isOurs = (id: string): boolean => id.startsWith(`!${conversation}-`);
    return followAll({ onEvent: (event) => isOurs(event.session) && onSession(event.session) });
  }, [conversation, session]);
  useEffect(() => {
    if (data !== undefined) change((chat) => data.events.reduce(takeLive, chat));
  }, [data]);
  const isKnown = data !== undefined;
  const isNew = error?.code === 'not_found';
  useEffect(() => {
    if (session === null || !(isKnown || isNew)) return;
    return followLive(session, data?.cursor ?? null, {
      onEvent: (event) => change((chat) => takeLive(chat, event)),
      onGap: reload,
    });
  }, [session, isKnown || isNew]);
  return timeline;
}
