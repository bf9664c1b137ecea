import { type Approval, approval as approvalSchema } from '#contract/approval';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';

/** What is kept of an approval's prompt. */
export interface Prompt {
  readonly room: string;
  readonly event: string;
  /** `open`, or how the approval ended. */
  readonly state: string;
  /** The record that the prompt was built from; undefined where it cannot be read any more. */
  readonly approval: Approval | undefined;
}

export interface Prompts {
  read(partition: number, id: string): Promise<Prompt | undefined>;
  /** The approval's own record, as the worker keeps it; undefined where there is none. */
  record(partition: number, id: string): Promise<Approval | undefined>;
  noteAsked(partition: number, approval: Approval, prompt: Pick<Prompt, 'room' | 'event'>): RedisWrite[];
  noteEnded(partition: number, id: string, state: string): RedisWrite[];
  /** Forgets what the prompt said; where it stands stays known. */
  noteErased(partition: number, id: string): RedisWrite[];
}

const keptAfterMs = 30 * 24 * 60 * 60_000;

export function createPrompts(deps: {
  redis: RedisClient;
  keys: Keys;
  sealBody: (json: string) => string;
  openBody: (sealed: string) => string;
}): Prompts {
  const { redis, keys } = deps;
  return {
    read: async (partition, id) => {
      const { room, event, state, approval } = await redis.hgetall(keys.prompt(partition, id));
      if (room === undefined || event === undefined) return undefined;
      return { room, event, state: state ?? 'open', approval: parseApproval(approval, deps.openBody) };
    },
    record: async (partition, id) => {
      const record = await redis.hget(keys.approval(partition, id), 'record');
      return parseApproval(record ?? undefined, deps.openBody);
    },
    noteAsked: (partition, approval, { room, event }) => {
      const key = keys.prompt(partition, approval.id);
      const openMs = Math.max(0, Date.parse(approval.expiresAt) - Date.parse(approval.requestedAt));
      const sealed = deps.sealBody(JSON.stringify(approval));
      return [
        { command: 'HSET', key, args: ['room', room, 'event', event, 'state', 'open', 'approval', sealed] },
        { command: 'PEXPIRE', key, args: [String(openMs + keptAfterMs)] },
      ];
    },
    noteErased: (partition, id) => [{ command: 'HDEL', key: keys.prompt(partition, id), args: ['approval'] }],
    noteEnded: (partition, id, state) => {
      const key = keys.prompt(partition, id);
      return [
        { command: 'HSET', key, args: ['state', state] },
        { command: 'PEXPIRE', key, args: [String(keptAfterMs)] },
      ];
    },
  };
}

function parseApproval(
  sealed: string | undefined,
  openBody: (sealed: string) => string,
): Approval | undefined {
  if (sealed === undefined) return undefined;
  return approvalSchema.parse(JSON.parse(openBody(sealed)));
}
