import type { Playbook } from '#playbook/playbook';
import { findEntities } from './find-entities.ts';
import type { Language } from './language.ts';
import { hasKeyPlaceholder } from './placeholders.ts';
import { splitSentences } from './split-sentences.ts';
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

const sure = { whole: 0.5, part: 0.6 };
const mostParts = 24;

/** Learns from the playbook's examples how urgent a message is, in which tone, and what is at stake. */
export function createAnalyser(
  playbook: Analysed,
  language: Language,
): (text: string) => Omit<Analysis, 'topics'> {
  const risk = createRiskReader(playbook, language);
  const urgency = language.train(labelled(playbook.analysis.urgencies, urgencies));
  const tone = language.train(labelled(playbook.analysis.tones, tones));
  return (text) => {
    // A long message says many things: the gravest of its sentences counts.
    const parts = [...new Set([text, ...splitSentences(text).slice(0, mostParts)])];
    const risks = parts.map((part, index) => risk(part, index === 0 ? sure.whole : sure.part));
    const grave = risks
      .filter(({ isSensitive }) => isSensitive)
      .sort((one, other) => other.confidence - one.confidence)[0];
    const found = grave ?? risks[0] ?? { isSensitive: false, riskCategory: 'none', confidence: 0 };
    return {
      urgency: gravest(parts.map(urgency), urgencies, 'normal'),
      tone: gravest(parts.map(tone), tones, 'neutral'),
      sensitivity: { ...found, entities: findEntities(text, language) },
    };
  };
}

/** The gravest label (they go from light to grave) that any part has for sure; else what the whole is. */
function gravest<Label extends string>(
  parts: readonly Readonly<Record<Label, number>>[],
  labels: readonly Label[],
  usual: Label,
): Label {
  const [whole, ...others] = parts;
  const first = whole === undefined ? usual : likeliest(whole, usual).label;
  const grave = labels.findLast((label) => others.some((scores) => scores[label] > sure.part)) ?? usual;
  return labels.indexOf(grave) > Math.max(labels.indexOf(first), labels.indexOf(usual)) ? grave : first;
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

function createRiskReader(playbook: Analysed, language: Language): (text: string, least: number) => Risk {
  const examples = labelled(playbook.analysis.risks, riskCategories);
  const everyday = everydayTexts(playbook, language.train(examples));
  const classify = language.train([
    ...examples,
    ...everyday.map((text) => ({ text, label: 'none' as const })),
  ]);
  return (text, least) => {
    if (hasKeyPlaceholder(text)) return { isSensitive: true, riskCategory: 'token_exposure', confidence: 1 };
    const scores = classify(text);
    const likely = likeliest<RiskCategory>(scores, 'none');
    const found = likely.p >= least ? likely : { label: 'none' as const, p: scores.none };
    return { isSensitive: found.label !== 'none', riskCategory: found.label, confidence: found.p };
  };
}

/** Everyday messages are examples of no risk too, unless the examples of risks speak against that. */
function everydayTexts(
  { flows, talk, agents }: Analysed,
  classify: (text: string) => Readonly<Record<RiskCategory, number>>,
): string[] {
  const isHarmless = (text: string): boolean => classify(text).none > sure.whole;
  const plain = [...flows.values()].map((flow) =>
    flow.examples.map((text) => text.replaceAll(/\{\w+\}/g, ' ')),
  );
  // Where most examples of a flow tell of a risk, all do: such a flow is there for it.
  const harmless = plain.filter((texts) => texts.filter(isHarmless).length > texts.length / 2).flat();
  const asked = [...agents.values()].flatMap((agent) => agent.examples).filter(isHarmless);
  return [...harmless, ...asked, ...Object.values({ ...talk }).flat()];
}
