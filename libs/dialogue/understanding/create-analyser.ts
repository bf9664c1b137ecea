import type { Validator } from '#dialogue/flows/validator';
import type { Playbook } from '#playbook/playbook';
import type { Language } from './language.ts';
import { hasKeyPlaceholder, placeholdersIn } from './placeholders.ts';
import type { Labelled } from './training-set.ts';
import {
  type Analysis,
  type RiskCategory,
  riskCategories,
  type Sensitivity,
  tones,
  urgencies,
} from './understanding.ts';

type Analysed = Pick<Playbook, 'flows' | 'agents' | 'talk' | 'analysis'>;

const sureRisk = 0.5;
const mostEntities = 10;

/** Learns from the playbook's examples how urgent a message is, in which tone, and what is at stake. */
export function createAnalyser(
  playbook: Analysed,
  validators: ReadonlyMap<string, Validator>,
  language: Language,
): (text: string) => Omit<Analysis, 'topics'> {
  const risk = createRiskReader(playbook, language);
  const urgency = language.train(labelled(playbook.analysis.urgencies, urgencies));
  const tone = language.train(labelled(playbook.analysis.tones, tones));
  return (text) => ({
    urgency: likeliest(urgency(text), 'normal').label,
    tone: likeliest(tone(text), 'neutral').label,
    sensitivity: { ...risk(text), entities: entitiesIn(text, validators) },
  });
}

function labelled<Label extends string>(
  lists: Readonly<Record<string, readonly string[]>>,
  labels: readonly Label[],
): Labelled<Label>[] {
  return labels.flatMap((label) => (lists[label] ?? []).map((text) => ({ text, label })));
}

/** The likeliest label; one that is not likelier than all others together gives way to the usual one. */
function likeliest<Label extends string>(
  scores: Readonly<Record<Label, number>>,
  usual: Label,
): { readonly label: Label; readonly p: number } {
  // The keys of the record.
  const labels = Object.keys(scores) as Label[];
  const label = labels.reduce((best, other) => (scores[other] > scores[best] ? other : best), usual);
  return scores[label] > 0.5 ? { label, p: scores[label] } : { label: usual, p: scores[usual] ?? 0 };
}

type Risk = Pick<Sensitivity, 'isSensitive' | 'riskCategory' | 'confidence'>;

/** Everyday messages are examples of no risk too, unless the examples of risks speak against that. */
function createRiskReader(
  { analysis, flows, talk, agents }: Analysed,
  language: Language,
): (text: string) => Risk {
  const examples = labelled(analysis.risks, riskCategories);
  const first = language.train(examples);
  const isHarmless = (text: string): boolean => first(text).none > sureRisk;
  const plain = [...flows.values()].map((flow) =>
    flow.examples.map((text) => text.replaceAll(/\{\w+\}/g, ' ')),
  );
  // Where most examples of a flow tell of a risk, all do: such a flow is there for it.
  const harmless = plain.filter((texts) => texts.filter(isHarmless).length > texts.length / 2).flat();
  const asked = [...agents.values()].flatMap((agent) => agent.examples).filter(isHarmless);
  const everyday = [...harmless, ...asked, ...Object.values({ ...talk }).flat()];
  const classify = language.train([
    ...examples,
    ...everyday.map((text) => ({ text, label: 'none' as const })),
  ]);
  return (text) => {
    if (/\[API_KEY-[^\]\s]{1,64}\]/.test(text))
      return { isSensitive: true, riskCategory: 'token_exposure', confidence: 1 };
    const found = likeliest<RiskCategory>(classify(text), 'none');
    return { isSensitive: found.label !== 'none', riskCategory: found.label, confidence: found.p };
  };
}

function entitiesIn(text: string, validators: ReadonlyMap<string, Validator>): string[] {
  const placeholders = Array.from(
    text.matchAll(/\[[A-Z_]{2,20}-[^\]\s]{1,64}\]/g),
    ([placeholder]) => placeholder,
  );
  const names = ['username', 'organisation'].flatMap((type) => validators.get(type)?.find(text) ?? []);
  return [...new Set([...placeholdersIn(text), ...names])].slice(0, mostEntities);
}
