import { z } from 'zod';
import { approvalPolicy, risk } from '#contract/approval';
import { roomId, userId } from '#contract/matrix-ids';
import { doubleTexts, type PiiKind, piiStrategies, redactionPolicies } from '../policies.ts';
import { duration } from './duration.ts';
import { toolName } from './names.ts';
import { text } from './text.ts';

/** What `policies.yaml` says about one tool. */
const toolPolicy = z
  .strictObject({
    risk: risk
      .optional()
      .describe('low, medium or high; raises what the tool says of itself and never lowers it'),
    reviewers: z
      .array(userId)
      .min(1, 'is empty: nobody could ever approve')
      .max(500)
      .optional()
      .describe('a list of full Matrix user ids such as "@ann:example.org"; left out, those of REVIEWERS'),
    quorum: approvalPolicy.shape.quorum.describe('how many different reviewers must approve'),
    excludeRequester: approvalPolicy.shape.excludeRequester.describe('true or false'),
    minPowerLevel: approvalPolicy.shape.minPowerLevel.describe('a power level of the admin room, or null'),
    reminders: z.array(duration).max(20).default([]).describe('a list of durations after the request'),
    escalateTo: roomId.nullable().default(null).describe('a room id such as "!room:example.org", or null'),
    onExpiry: approvalPolicy.shape.onExpiry.describe('reject: silence is never an approval'),
    expiresIn: duration.default(86_400),
  })
  .describe('a mapping with risk, reviewers, quorum, excludeRequester, expiresIn and more');
export type WrittenToolPolicy = z.output<typeof toolPolicy>;

const forbidden = z.strictObject({
  text: text(500).describe('a text that no reply may contain'),
  why: text(500).describe('what a reviewer is told about it'),
});

const review = z
  .strictObject({
    rounds: z.int().min(1).max(10).default(3).describe('how often a rejected draft is written anew, 1 to 10'),
    forbidden: z.array(forbidden).max(500).default([]).describe('a list of { text, why }'),
    links: z
      .array(text(253).regex(/^[a-z0-9.-]+$/i, 'is no host: leave out https:// and the path'))
      .max(500)
      .default([])
      .describe('a list of hosts that a reply may link to, with their subdomains'),
  })
  .describe('rounds, forbidden and links');

const kept = (usual: (typeof piiStrategies)[number]) =>
  z.enum(piiStrategies).default(usual).describe(piiStrategies.join(', '));

const privacy = z
  .strictObject({
    email: kept('token'),
    phone: kept('token'),
    card: kept('mask'),
    iban: kept('token'),
    ip: kept('token'),
    api_key: kept('hash'),
  } satisfies Record<PiiKind, z.ZodType>)
  .describe('a strategy for each of email, phone, card, iban, ip and api_key');

const atOnce = z.array(toolName).max(20).default([]).describe('a list of tools of low risk');

const security = z
  .strictObject({
    threshold: z.number().min(0).max(1).default(0.85).describe('a number from 0 to 1'),
    tools: z
      .strictObject({
        account_takeover: atOnce,
        token_exposure: atOnce,
        pii_leak: atOnce,
        legal_threat: atOnce,
      })
      .prefault({})
      .describe('tools that run at once, for each category of risk'),
  })
  .describe('threshold and tools');

const limits = z
  .strictObject({
    tokensPerDay: z.int().positive().optional().describe('a whole number of tokens'),
    costPerDay: z.number().positive().optional().describe('an amount in the currency of prices'),
    stepsPerDay: z.int().positive().optional().describe('a whole number of calls of models and tools'),
  })
  .prefault({})
  .describe('tokensPerDay, costPerDay and stepsPerDay; what is left out has no limit');

const price = z
  .strictObject({
    input: z.number().nonnegative().describe('for a million tokens'),
    output: z.number().nonnegative().describe('for a million tokens'),
  })
  .describe('{ input, output } for a million tokens');

const budgets = z
  .strictObject({
    user: limits,
    room: limits,
    prices: z.record(text(200), price).default({}).describe('a mapping of models to { input, output }'),
  })
  .describe('user, room and prices');

const memory = z
  .strictObject({
    ttl: duration.default(180 * 86_400),
    pattern: z
      .strictObject({
        users: z.int().min(2).max(10_000).default(3).describe('how many users, 2 or more'),
        within: duration.default(3_600),
      })
      .prefault({})
      .describe('users and within'),
  })
  .describe('ttl and pattern');

const doubleText = z.enum(doubleTexts).describe(doubleTexts.join(', '));

const messages = z
  .strictObject({
    doubleText: doubleText
      .default('enqueue')
      .describe(`${doubleTexts.join(', ')}: a message that comes while an earlier one is worked on`),
    rooms: z.record(roomId, doubleText).default({}).describe('a mapping of room ids to another doubleText'),
    onRedaction: z
      .enum(redactionPolicies)
      .default('withdraw_answer')
      .describe(`${redactionPolicies.join(', ')}: the answer to a message that is redacted`),
  })
  .describe('doubleText, rooms and onRedaction');

/** `policies.yaml`: every section may be left out. */
export const policiesFile = z
  .strictObject({
    tools: z
      .record(toolName, toolPolicy)
      .default({})
      .describe('a mapping of tools to who decides about them'),
    messages: messages.prefault({}),
    review: review.prefault({}),
    privacy: privacy.prefault({}),
    security: security.prefault({}),
    budgets: budgets.prefault({}),
    memory: memory.prefault({}),
    takeover: z
      .strictObject({ idle: duration.default(1_800) })
      .prefault({})
      .describe('idle: how long somebody who took over may be silent'),
    rooms: z
      .record(roomId, z.array(toolName).max(500))
      .default({})
      .describe('a mapping of room ids to the tools that may be used there'),
  })
  .describe('tools, messages, review, privacy, security, budgets, memory, takeover and rooms');
export type PoliciesFile = z.output<typeof policiesFile>;
