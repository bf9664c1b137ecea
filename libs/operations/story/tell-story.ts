import type { Transport } from '#streams/open-transport';
import { findSubject } from './find-subject.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { Story } from './story.ts';
import { tellLines } from './tell-lines.ts';
import { toMarkdown } from './to-markdown.ts';

/**
 * How it came about: of a message, of anything that vagent has posted, of an approval (id or code), or of a turn. Reads a
 * bounded part of what is kept, and names what is not kept any more.
 *
 * @throws {BadRequestError} for what is no id, {@link NotFoundError} for one that nobody knows (any more).
 */
export async function tellStory(transport: Transport, event: string): Promise<Story> {
  const subject = await findSubject(transport, event);
  const evidence = await gatherEvidence(transport, subject);
  const { turns, approvals, audit, gaps } = evidence;
  const lines = tellLines(evidence);
  return {
    event: subject.event,
    session: subject.session,
    text: toMarkdown(lines, gaps),
    lines,
    turn: evidence.turn,
    turns,
    approvals,
    audit,
    gaps,
  };
}
