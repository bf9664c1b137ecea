import type { Remembered } from './memory.ts';

/** Few, because each of them is sent to the model with every message of the conversation. */
const mostOfPerson = 5;
const mostOfOrganisation = 3;

/** What is kept of a conversation for the organisation: nothing that anybody said, and not who it was. */
export type OrganisationMemory = Pick<Remembered, 'topics' | 'outcome' | 'at'>;

/** The memories of a person in sentences, newest first. */
export function tellOfPerson(memories: readonly Remembered[]): string[] {
  return newestFirst(memories)
    .slice(0, mostOfPerson)
    .map(({ at, summary, topics, outcome, tone }) => {
      const about = topics.length === 0 ? '' : ` It was about ${topics.join(', ')}.`;
      const mood = tone === 'frustrated' || tone === 'angry' ? ` The person was ${tone}.` : '';
      return `On ${dayOf(at)}: ${asSentence(summary)}${about}${endings[outcome]}${mood}`;
    });
}

/** How often others of the organisation came with a topic, in sentences, the topic that was there last first. */
export function tellOfOrganisation(organisation: string, memories: readonly OrganisationMemory[]): string[] {
  const byTopic = new Map<string, OrganisationMemory[]>();
  for (const memory of newestFirst(memories)) {
    for (const topic of memory.topics) byTopic.set(topic, [...(byTopic.get(topic) ?? []), memory]);
  }
  return [...byTopic].slice(0, mostOfOrganisation).map(([topic, about]) => {
    const unsolved = about.filter(({ outcome }) => outcome === 'unsolved').length;
    const count = about.length === 1 ? 'one conversation' : `${about.length} conversations`;
    const open = unsolved === 0 ? '' : `, ${unsolved} of them without a solution`;
    return `Others of ${organisation} had ${count} about ${topic}${open}, the last on ${dayOf(about[0]?.at ?? '')}.`;
  });
}

const endings: Readonly<Record<Remembered['outcome'], string>> = {
  solved: ' It was solved.',
  unsolved: ' It was not solved.',
  unknown: '',
};

export function newestFirst<T extends { readonly at: string }>(memories: readonly T[]): T[] {
  return [...memories].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

function dayOf(at: string): string {
  return at.slice(0, 10);
}

function asSentence(summary: string): string {
  const text = summary.trim();
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}
