import type { Logger } from 'pino';
import type { ActionGraph } from '#agents/actions/build-action-graph';
import type { Conversation } from '#agents/conversation/create-conversation';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { RoomMoves } from '#operations/rooms/room-moves';
import type { Switches } from '#operations/switches/switch';
import type { MessagePolicy } from '#playbook/policies';
import type { RecordDeps } from '../approvals/approval-record.ts';
import type { SaversFor } from './turn-savers.ts';

export interface TurnDeps extends RecordDeps {
  readonly conversation: Conversation['conversation'];
  readonly actions: ActionGraph;
  readonly tools: ToolRegistry;
  readonly saversFor: SaversFor;
  /** What operators have switched off. */
  readonly switches: Pick<Switches, 'off'>;
  /** Of the newest playbook. */
  readonly messages: () => MessagePolicy;
  /** Forgets what lies outside the partition: memories of these turns, and what these texts were understood as. */
  readonly forgetTurns: (
    session: string,
    turns: readonly string[],
    texts: readonly string[],
  ) => Promise<void>;
  /** As the settings name it; where it goes on since, `moves` tells. */
  readonly adminRoom: string;
  readonly moves: Pick<RoomMoves, 'currentOf'>;
  readonly sessionTtlMs: number;
  /** Seals what may be long, as small as all workers can read it; default `sealBody`. */
  readonly sealLong?: (json: string) => string;
  readonly log: Logger;
}
