import type { Playbook } from '#playbook/playbook';
import type { Validator } from '../flows/validator.ts';
import type { Language } from './language.ts';
import {
  type Analysis,
  type RiskCategory,
  riskCategories,
  type Tone,
  tones,
  type Urgency,
  unknownTopic,
  urgencies,
} from './understanding.ts';

type Analysed = Pick<Playbook, 'flows' | 'agents' | 'talk' | 'analysis'>;

const leastTopic = 0.45;
const leastOtherTopic = 0.6;

/** Learns the analysis of a message from the playbook's examples: topics, urgency, tone, and what is at stake. */
export function createAnalyser(
  playbook: Analysed,
  validators: ReadonlyMap<string, Validator>,
  language: Language,
): (text: string) => Analysis {
  const topics = createTopics(playbook, language);
  const risk = language.train(labelled(playbook.analysis.risks, riskCategories));
  const urgency = language.train(labelled(playbook.analysis.urgencies, urgencies));
  const tone = language.train(labelled(playbook.analysis.tones, tones));
  return (text) => {
    const found = highest(risk(text));
    const hasKey = /\[API_KEY-[^\]\s]{1,64}\]/.test(text);
    const riskCategory: RiskCategory = hasKey ? 'token_exposure' : found.label;
    return {
      topics: topics(text),
      urgency: highest(urgency(text)).label,
      tone: highest(tone(text)).label,
      sensitivity: {
        isSensitive: riskCategory !== 'none',
        riskCategory,
        confidence: hasKey ? 1 : found.p,
        entities: entitiesIn(text, validators),
      },
    };
  };
}

function labelled<Label extends string>(
  lists: Readonly<Record<string, readonly string[]>>,
  labels: readonly Label[],
) {
  return labels.flatMap((label) => (lists[label] ?? []).map((text) => ({ text, label })));
}

function highest<Label extends string>(scores: Readonly<Record<Label, number>>): { label: Label; p: number } {
  const entries = Object.entries(scores) as [Label, number][];
  const [label, p] = entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return { label, p };
}

function createTopics(
  { agents, flows, talk }: Analysed,
  language: Language,
): (text: string) => readonly string[] {
  const examples = [...agents.values()].flatMap(({ id, examples: texts, description, keywords }) => [
    ...texts.map((text) => ({ text, label: id })),
    { text: description, label: id },
    ...keywords.map((text) => ({ text, label: id })),
  ]);
  const unknown = talk.unknown.map((text) => ({ text, label: unknownTopic }));
  const first = language.train([...examples, ...unknown]);
  const ofFlows = [...flows.values()]
    .filter(({ isOffered }) => isOffered)
    .flatMap((flow) => {
      const tools = new Set(
        flow.steps.flatMap((step) => (step.kind === 'approval' || step.kind === 'action' ? [step.tool] : [])),
      );
      const owners = [...agents.values()]
        .filter((agent) => agent.tools.some((tool) => tools.has(tool)))
        .map(({ id }) => id);
      const sums = new Map<string, number>();
      for (const text of flow.examples)
        for (const [id, p] of Object.entries(first(text))) sums.set(id, (sums.get(id) ?? 0) + p);
      const [owner] = owners.sort((one, other) => (sums.get(other) ?? 0) - (sums.get(one) ?? 0));
      return owner === undefined
        ? []
        : flow.examples.map((text) => ({ text: text.replaceAll(/\{\w+\}/g, ' '), label: owner }));
    });
  const classify = language.train([...examples, ...unknown, ...ofFlows]);
  return (text) => {
    const scores = new Map<string, number>();
    const whole = classify(text);
    for (const [id, p] of Object.entries(whole)) scores.set(id, p);
    const clauses = text
      .split(/[.!?;\n]+\s*|,\s+|\s+(?:and|also|plus|but|or)\s+/iu)
      .filter((clause) => clause.trim().split(/\s+/).length >= 3)
      .slice(0, 24);
    if (clauses.length > 1) {
      for (const clause of clauses) {
        for (const [id, p] of Object.entries(classify(clause))) {
          if (id !== unknownTopic && p >= leastOtherTopic) scores.set(id, Math.max(scores.get(id) ?? 0, p));
        }
      }
    }
    const ranked = [...scores].sort(
      ([one, p], [other, q]) => (whole[other] ?? 0) + q - (whole[one] ?? 0) - p,
    );
    const [best] = ranked;
    if (best === undefined || best[0] === unknownTopic) return [unknownTopic];
    const taken = ranked.filter(([id, p]) => id !== unknownTopic && p >= leastTopic).map(([id]) => id);
    return taken.length > 0 ? taken : best[1] > 0.25 ? [best[0]] : [unknownTopic];
  };
}

const mostEntities = 10;

function entitiesIn(text: string, validators: ReadonlyMap<string, Validator>): string[] {
  const placeholders = Array.from(
    text.matchAll(/\[[A-Z_]{2,20}-[^\]\s]{1,64}\]/g),
    ([placeholder]) => placeholder,
  );
  const names = ['username', 'organisation'].flatMap((type) => validators.get(type)?.find(text) ?? []);
  return [...new Set([...placeholders, ...names])].slice(0, mostEntities);
}
