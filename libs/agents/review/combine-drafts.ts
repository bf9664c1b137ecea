import type { AgentResult } from '#agents/specialists/agent';
import { titleOf } from '#agents/specialists/title-of';

/** What one agent has to say in a reply. */
export type Drafted = Pick<Extract<AgentResult, { status: 'drafted' }>, 'agent' | 'draft'>;

/**
 * One reply out of the drafts for several topics, in their order, each under a small heading; a single one stays as it
 * is. A paragraph that several drafts have (an apology, how to reach a person) is said once; one that
 * leads to what follows it stays, or goes, with that.
 */
export function combineDrafts(drafted: readonly Drafted[]): string {
  const [first, ...others] = drafted;
  if (first === undefined) return '';
  if (others.length === 0) return first.draft.trim();
  const topics = drafted.map(({ agent, draft }) => ({ agent, paragraphs: paragraphsOf(draft) }));
  const shared = takeShared(topics.map(({ paragraphs }) => paragraphs));
  const said = new Set(shared);
  const parts = topics.flatMap(({ agent, paragraphs }) => {
    const isFresh = (paragraph = ''): boolean => !said.has(paragraph) || paragraph.endsWith(':');
    const fresh = paragraphs.filter(
      (paragraph, index) =>
        isFresh(paragraph) && !(paragraph.endsWith(':') && !isFresh(paragraphs[index + 1])),
    );
    for (const paragraph of fresh) said.add(paragraph);
    return fresh.length === 0 ? [] : [`**${titleOf(agent)}**\n\n${fresh.join('\n\n')}`];
  });
  return [...shared, ...parts].join('\n\n');
}

/** Takes out what several drafts begin with: it stands before all of them, once. */
function takeShared(drafts: readonly string[][]): string[] {
  const shared: string[] = [];
  for (;;) {
    const openings = drafts.flatMap((paragraphs) => paragraphs.slice(0, 1));
    const opening = openings.find((one, index) => openings.indexOf(one) !== index && !one.endsWith(':'));
    if (opening === undefined) return shared;
    shared.push(opening);
    for (const paragraphs of drafts) if (paragraphs[0] === opening) paragraphs.shift();
  }
}

/** Split at blank lines, but never inside of a code block. */
function paragraphsOf(draft: string): string[] {
  const paragraphs: string[] = [];
  let isOpen = false;
  for (const piece of draft.trim().split(/\n{2,}/)) {
    if (isOpen) paragraphs.push(`${paragraphs.pop() ?? ''}\n\n${piece}`);
    else paragraphs.push(piece);
    if ((piece.match(/^\s*(?:```|~~~)/gm)?.length ?? 0) % 2 === 1) isOpen = !isOpen;
  }
  return paragraphs;
}
