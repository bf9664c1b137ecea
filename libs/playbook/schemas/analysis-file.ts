import { z } from 'zod';
import { messages } from './lists.ts';

/** Categories of risk, as understanding and policies name them. */
export const riskNames = ['none', 'account_takeover', 'pii_leak', 'token_exposure', 'legal_threat'] as const;

const lists = (names: readonly string[]) =>
  z
    .strictObject(
      Object.fromEntries(names.map((name) => [name, messages.default([]).describe('a list of messages')])),
    )
    .prefault({})
    .describe(`lists of messages: ${names.join(', ')}`);

/** `understanding/analysis.yaml` */
export const analysisFile = z
  .strictObject({
    risks: lists(riskNames),
    urgencies: lists(['low', 'normal', 'high', 'critical']),
    tones: lists(['positive', 'neutral', 'frustrated', 'angry']),
  })
  .describe('risks, urgencies and tones');
