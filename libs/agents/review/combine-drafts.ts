import type { AgentResult } from '#agents/specialists/agent';

/** What one agent has to say in a reply. */
export type Drafted = Pick<Extract<AgentResult, { status: 'drafted' }>, 'agent' | 'draft'>;

/**
 * One reply out of the drafts for several topics, in their order, each under a small heading; a single one stays as it
 * is. A paragraph that several drafts have (an apology, how to reach a person) is said once; one that leads to what follows it is not left out.
 */
export function combineDrafts(drafted: readonly Drafted[]): string {
  const [first, ...others] = drafted;
  if (first === undefined) return '';
  if (others.length === 0) return first.draft.trim();
  const said = new Set<string>();
  const shared = sharedOpening(drafted);
  if (shared !== undefined) said.add(shared);
  const parts = drafted.flatMap(({ agent, draft }) => {
    const fresh = paragraphsOf(draft).filter((paragraph) => !said.has(paragraph) || paragraph.endsWith(':'));
    for (const paragraph of fresh) said.add(paragraph);
    return fresh.length === 0 ? [] : [`**${headingOf(agent)}**\n\n${fresh.join('\n\n')}`];
  });
  return [...(shared === undefined ? [] : [shared]), ...parts].join('\n\n');
}

/** What most drafts begin with stands before all of them. */
function sharedOpening(drafted: readonly Drafted[]): string | undefined {
  const openings = drafted.flatMap(({ draft }) => paragraphsOf(draft).slice(0, 1));
  return openings.find((opening, index) => openings.indexOf(opening) !== index);
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

/** `account_security` is "Account security", `ci_workers` "CI workers". */
function headingOf(agent: string): string {
  const words = agent
    .split('_')
    .map((word) => (/^(?:ci|ssh|api|vat|sso|it|ai)$/.test(word) ? word.toUpperCase() : word));
  const text = words.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
