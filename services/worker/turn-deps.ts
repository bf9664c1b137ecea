import type { Logger } from 'pino';
import type { ActionGraph } from '#agents/actions/build-action-graph';
import type { Conversation } from '#agents/conversation/create-conversation';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Switches } from '#operations/switches/switch';
import type { RecordDeps } from './approval-record.ts';
import type { SaversFor } from './turn-savers.ts';

export interface TurnDeps extends RecordDeps {
  readonly conversation: Conversation['conversation'];
  readonly actions: ActionGraph;
  readonly tools: ToolRegistry;
  readonly saversFor: SaversFor;
  /** What operators have switched off. */
  readonly switches: Pick<Switches, 'off'>;
  readonly adminRoom: string;
  readonly sessionTtlMs: number;
  readonly log: Logger;
}
