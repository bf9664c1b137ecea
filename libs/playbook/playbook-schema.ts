import { z } from 'zod';
import { approvalPolicy, risk } from '#contract/approval';
import { roomId, userId } from '#contract/matrix-ids';
import { parsePhrase } from './parse-phrase.ts';

const text = (longest: number) => z.string().trim().min(1, 'is empty').max(longest);

/** Parsed at once, so that a mistake is told at its own line. */
const phrase = text(300).transform((source, context) => {
  const parsed = parsePhrase(source);
  if (parsed.ok) return parsed.phrases;
  context.addIssue({ code: 'custom', message: parsed.message, params: { hint: parsed.hint } });
  return z.NEVER;
});

const phraseList = z
  .array(phrase)
  .max(200)
  .transform((lists) => lists.flat());

const durationInWords = 'seconds, or a duration such as 90s, 15m, 24h or 7d';

const duration = z
  .union([z.int().positive(), z.string()])
  .transform((value, context) => {
    const seconds = typeof value === 'number' ? value : toSeconds(value);
    if (seconds !== undefined && seconds > 0) return seconds;
    context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is not a duration` });
    return z.NEVER;
  })
  .describe(durationInWords);

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 };

function toSeconds(text: string): number | undefined {
  const match = /^(\d{1,9})\s*([smhd])$/.exec(text.trim());
  const unit = z.enum(['s', 'm', 'h', 'd']).safeParse(match?.[2]);
  return match && unit.success ? Number(match[1]) * unitSeconds[unit.data] : undefined;
}

/** `playbook.yaml` */
export const playbookFile = z
  .strictObject({
    name: text(80).describe('the name of this bot, e.g. name: Forgebase support desk'),
    persona: text(4_000).describe('who the bot is and how it speaks, for a model'),
    greeting: text(2_000).describe('what the bot says to a greeting, in Markdown'),
    human: text(1_000).describe('how to reach a person where the bot cannot help, in Markdown'),
  })
  .describe('name, persona, greeting and human');

/** `phrases.yaml` */
export const phrasesFile = z
  .strictObject({
    cancel: phraseList.describe('a list of phrases that withdraw a waiting request'),
    status: phraseList.describe('a list of phrases that ask how a request stands'),
    greeting: phraseList.describe('a list of greetings'),
    thanks: phraseList.describe('a list of thanks'),
    before: z.array(text(60).toLowerCase()).describe('a list of polite words that may open a request'),
    after: z.array(text(60).toLowerCase()).describe('a list of polite words that may end a request'),
  })
  .describe('the lists cancel, status, greeting, thanks, before and after');

const toolName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not a tool name (a-z, 0-9 and _)');

/** `tools.yaml`: a tool is on when it is named here. */
export const toolsFile = z
  .record(
    toolName,
    z
      .strictObject({
        phrases: phraseList.default([]).describe('a list of phrases with {slots} that ask for the tool'),
        slots: z
          .record(z.string(), z.enum(['text', 'number', 'boolean']))
          .default({})
          .describe('the type of each slot: text, number or boolean'),
        example: text(300).optional().describe('a request as a person would write it'),
      })
      .describe('a mapping with phrases, slots and example'),
  )
  .describe('a mapping of tool names');

/** What `policies.yaml` says about one tool. */
export const policySettings = z
  .strictObject({
    risk: risk.default('medium').describe('low, medium or high'),
    reviewers: z
      .array(userId)
      .min(1, 'is empty: nobody could ever approve')
      .optional()
      .describe('a list of full Matrix user ids such as "@ann:example.org"; left out, those of REVIEWERS'),
    quorum: approvalPolicy.shape.quorum.describe('how many different reviewers must approve'),
    excludeRequester: approvalPolicy.shape.excludeRequester.describe('true or false'),
    minPowerLevel: approvalPolicy.shape.minPowerLevel.describe('a power level of the admin room, or null'),
    reminders: z.array(duration).max(20).default([]).describe('a list of durations after the request'),
    escalateTo: roomId.nullable().default(null).describe('a room id such as "!room:example.org", or null'),
    onExpiry: approvalPolicy.shape.onExpiry.describe('reject: silence is never an approval'),
    expiresIn: duration.default(86_400).describe(durationInWords),
  })
  .describe('a mapping with risk, reviewers, quorum, excludeRequester, expiresIn and more');
export type PolicySettings = z.output<typeof policySettings>;

/** `policies.yaml` */
export const policiesFile = z.record(toolName, policySettings).describe('a mapping of tool names');
