import { ApiError, judge } from '../../api.ts';
import { markGateway } from '../../connection.ts';
import type { Chunk } from './chat.ts';
import { readSentEvents } from './read-events.ts';

export interface OutgoingMessage {
  readonly conversation: string;
  readonly messageId: string;
  readonly text: string;
  /** Where an answer that broke off goes on. */
  readonly lastEventId: string | null;
}

export interface AnswerFollower {
  onSession(session: string): void;
  onChunk(chunk: Chunk, id: string | undefined): void;
}

/**
 * Sends a message and follows its answer to the end, over as many connections as that takes: sent again under its id it
 * counts once, and the answer goes on behind the last event that came.
 *
 * @throws {ApiError} where the gateway refuses the message.
 */
export async function sendMessage(
  message: OutgoingMessage,
  follower: AnswerFollower,
  signal: AbortSignal,
): Promise<void> {
  let { lastEventId } = message;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      for await (const { chunk, id } of answerOnce({ ...message, lastEventId }, follower, signal)) {
        attempt = 0;
        lastEventId = id ?? lastEventId;
        follower.onChunk(chunk, id);
        if (chunk.name === 'done') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && !error.isPassing) throw error;
      if (!(error instanceof ApiError)) markGateway(false);
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(300 * 1.7 ** attempt, 5_000) * (0.6 + Math.random() * 0.8)),
    );
  }
}

async function* answerOnce(
  { conversation, messageId, text, lastEventId }: OutgoingMessage,
  follower: AnswerFollower,
  signal: AbortSignal,
): AsyncGenerator<{ chunk: Chunk; id: string | undefined }> {
  const response = await fetch('/api/v1/process_message', {
    method: 'POST',
    headers: {
      accept: 'text/event-stream, application/problem+json',
      'content-type': 'application/json',
      // As a user of the playground's own: whoever decides must not be who asks.
      'x-vagent-play': '1',
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    },
    body: JSON.stringify({ message: text, conversation, message_id: messageId }),
    signal,
  });
  await judge(response);
  const session = response.headers.get('x-vagent-session');
  if (session !== null) follower.onSession(session);
  if (response.body === null) return;
  for await (const { name, data, id } of readSentEvents(response.body)) {
    // Our own gateway, of the version that served this page, sends what its contract says; newer names are skipped.
    if (names.has(name)) yield { chunk: { name, data: JSON.parse(data) } as Chunk, id };
  }
}

const names = new Set(['text_chunk', 'hitl_request', 'text_final', 'error', 'done']);
