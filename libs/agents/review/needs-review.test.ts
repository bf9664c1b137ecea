import { describe, expect, it } from 'vitest';
import type { Analysis, Sensitivity } from '#dialogue/understanding/understanding';
import { describeForPerson } from './describe-for-person.ts';
import { needsReview, type ReviewQuestion } from './needs-review.ts';

function analysisOf(sensitivity: Partial<Sensitivity> = {}): Analysis {
  const calm: Sensitivity = { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] };
  return {
    topics: ['billing'],
    urgency: 'normal',
    tone: 'neutral',
    sensitivity: { ...calm, ...sensitivity },
  };
}

function reasons(overrides: Partial<ReviewQuestion> = {}): readonly string[] {
  return needsReview({
    specs: [{ id: 'billing', review: 'sensitive' }],
    analysis: analysisOf(),
    problems: [],
    hasRunSecurity: false,
    threshold: 0.85,
    ...overrides,
  });
}

describe('needsReview', () => {
  it('lets a harmless draft go out', () => {
    expect(reasons()).toEqual([]);
  });

  it.each<[string, Partial<ReviewQuestion>, string]>([
    [
      'an agent that is always read',
      { specs: [{ id: 'law', review: 'always' }] },
      'drafts of law are always read',
    ],
    ['a sensitive message', { analysis: analysisOf({ isSensitive: true }) }, 'the message is sensitive'],
    [
      'a category that is not certain',
      { analysis: analysisOf({ riskCategory: 'legal_threat', confidence: 0.5 }) },
      'it may be about legal threat, but that is not certain (0.50)',
    ],
    ['a run of the security protocol', { hasRunSecurity: true }, 'the security protocol has run'],
    ['a problem', { problems: [{ kind: 'image', why: 'had an image' }] }, 'the draft had an image'],
  ])('has a person read it after %s', (_, overrides, reason) => {
    expect(reasons(overrides)).toEqual([reason]);
  });

  it('spares an agent that is never read everything but problems and the security protocol', () => {
    const specs = [{ id: 'faq', review: 'never' as const }];
    const analysis = analysisOf({ isSensitive: true, riskCategory: 'pii_leak', confidence: 0.2 });
    expect(reasons({ specs, analysis })).toEqual([]);
    expect(reasons({ specs, analysis, hasRunSecurity: true })).toHaveLength(1);
    expect(reasons({ specs, problems: [{ kind: 'image', why: 'had an image' }] })).toHaveLength(1);
  });
});

describe('describeForPerson', () => {
  it('says what was asked, how urgent it is and what was found', () => {
    const analysis = {
      ...analysisOf({ riskCategory: 'legal_threat', confidence: 0.9, entities: ['acme'] }),
      topics: ['unknown'],
    };
    expect(describeForPerson('first\nsecond', analysis, 'Found: **x**')).toBe(
      [
        'About: no topic of ours. Urgency normal, tone neutral.',
        'Risk: legal threat (0.90).',
        'Named: acme.',
        '> first\n> second',
        'Found: **x**',
      ].join('\n\n'),
    );
  });

  it('cuts what is long, and lets no line out of the quotation', () => {
    const text = describeForPerson('x\n'.repeat(10_000), analysisOf(), '');
    expect(text.length).toBeLessThan(2_000);
    expect(
      text
        .split('\n\n')
        .slice(1)
        .join('')
        .split('\n')
        .every((line) => line.startsWith('>')),
    ).toBe(true);
  });
});
