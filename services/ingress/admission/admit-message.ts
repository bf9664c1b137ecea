import { formatSessionId } from '#contract/session-id';
import type { DecodedEvent } from '#matrix/room-event';
import { stripPrefix } from '#matrix/strip-prefix';
import { newTrace } from '#runtime/trace';
import type { RoomView, RoomViews } from '../rooms/room-views.ts';
import { type AdmitDecisionDeps, admitAnswer } from './admit-decision.ts';
import { type AgentMeantDeps, agentMeant } from './agent-meant.ts';
import { isDirect, isMeant } from './is-meant.ts';
import type { RoomPolicy } from './room-policy.ts';
import { type StripAddressDeps, stripAddress } from './strip-address.ts';
import { dead, ignore, type Verdict } from './verdict.ts';

export interface AdmitMessageDeps extends AdmitDecisionDeps, AgentMeantDeps, StripAddressDeps {
  readonly views: RoomViews;
  readonly policy: RoomPolicy;
}

type Message = Extract<DecodedEvent, { kind: 'message' }>;

/** What people write or send; the rest of the message types is for clients. */
const conversation = new Set(['m.text', 'm.emote', 'm.image', 'm.file', 'm.audio', 'm.video']);
/** No homeserver lets a larger event pass. */
const maxTextBytes = 65_536;

/**
 * A message outside the admin room: conversation, if it is meant for the bot.
 *
 * @param line the room and those that it continues, the first of them last.
 */
export async function admitMessage(
  deps: AdmitMessageDeps,
  event: Message,
  line: readonly string[],
): Promise<Verdict> {
  if (event.isByVagent) return ignore('vagent');
  if (event.msgtype === 'm.notice') return ignore('notice');
  if (!conversation.has(event.msgtype)) return ignore('msgtype');
  const bytes = Buffer.byteLength(event.text);
  if (bytes > maxTextBytes)
    return dead(`the text has ${bytes} bytes, more than the ${maxTextBytes} of an event`);
  const view = await deps.views.view(event.room);
  if (view.isEncrypted && !event.encrypted) return { act: 'decline' };
  const decision = await admitAnswer(deps, event);
  if (decision !== undefined) return decision;

  const prefixed = stripPrefix(event.text, deps.policy.commandPrefix);
  const address = stripAddress(event, view, deps);
  const { isAddressed, text } = prefixed ?? address;
  const isForUs = isAddressed || (await isMeant(deps, event, { view, line }));
  if (!isForUs) return ignore('not_mentioned');
  const toAgent = await agentMeant(deps, event, address.named);
  return received(deps, event, { view, text, room: line.at(-1) ?? event.room, toAgent });
}

interface Admitted {
  readonly view: RoomView;
  readonly text: string;
  readonly room: string;
  readonly toAgent: string | undefined;
}

/** A conversation keeps the name of the room that it began in, through all upgrades. */
function received(deps: AdmitMessageDeps, event: Message, { view, text, room, toAgent }: Admitted): Verdict {
  const { thread, sender, eventId, replyTo, attachments } = event;
  return {
    act: 'publish',
    entry: {
      type: 'message.received',
      id: eventId,
      session: formatSessionId({ room, thread, user: sender }),
      at: new Date().toISOString(),
      trace: newTrace(),
      body: {
        eventId,
        sender,
        displayName: view.members.get(sender)?.displayName ?? null,
        text,
        thread,
        replyTo: event.isRealReply ? replyTo : null,
        direct: isDirect(deps, view),
        ...(toAgent === undefined ? {} : { toAgent }),
        // Without what opens an encrypted one.
        attachments: attachments.map(({ name, mimetype, size, url }) => ({ name, mimetype, size, url })),
        encrypted: event.encrypted,
        originTime: event.at,
      },
    },
  };
}
