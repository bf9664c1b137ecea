import { z } from 'zod';
import { condition } from './condition.ts';
import { duration } from './duration.ts';
import { id, toolName, variable } from './names.ts';
import { text } from './text.ts';

const stepId = id.describe('the id of a step of this flow');
const template = text(4_000).describe('text with {slot} or {result.path} in it');
const values = (what: string) => z.record(variable, z.json()).describe(what);
const toolArguments = z
  .record(text(64), z.json())
  .default({})
  .describe('the arguments of the tool; values may be templates');

const base = {
  id: id.optional().describe('a name for the step, so that others can go to it; left out, kind and position'),
  next: stepId.optional().describe('the id of the step that follows, or end; left out, the one below'),
};

const use = {
  with: toolArguments,
  save: variable.optional().describe('a name for the result, for templates and conditions'),
  on_failure: stepId
    .optional()
    .describe('the step for when it failed or was rejected; left out, the person is told and the flow ends'),
};

const link = z
  .union([
    id.describe('the id of a flow'),
    z.strictObject({
      flow: id.describe('the id of a flow'),
      slots: values('values for slots of that flow; may be templates').default({}),
    }),
    z.strictObject({
      agent: id.describe('the id of an agent'),
      request: template.describe('what the agent is asked, a template'),
    }),
  ])
  .describe('the id of a flow, { flow, slots } or { agent, request }');

/** One step of a flow: the key that names its kind is what tells the kinds apart. */
export const step = z
  .union([
    z.strictObject({
      ...base,
      collect: z.array(variable).min(1, 'is empty').max(50).describe('a list of slots to ask for'),
    }),
    z.strictObject({ ...base, action: toolName.describe('the name of a tool'), ...use }),
    z.strictObject({
      ...base,
      approval: toolName.describe('the name of a tool that waits for a reviewer'),
      ...use,
    }),
    z.strictObject({
      ...base,
      branch: z
        .array(z.strictObject({ when: condition, goto: stepId }))
        .min(1, 'is empty')
        .max(50)
        .describe('a list of { when: condition, goto: step }'),
      otherwise: stepId.optional().describe('the step for when no case holds; left out, the next one'),
    }),
    z.strictObject({
      ...base,
      confirm: template.describe('a question for yes or no, a template'),
      no: stepId.optional().describe('the step for "no"; left out, the flow is cancelled'),
    }),
    z.strictObject({ ...base, say: template }),
    z.strictObject({ ...base, link }),
    z.strictObject({ ...base, set: values('a mapping of slots or results to values') }),
    z.strictObject({
      ...base,
      check: z
        .strictObject({
          after: duration,
          action: toolName.describe('the name of a tool that only reads'),
          with: toolArguments,
          expect: condition.describe('what must hold; the data of the tool is result'),
          failed: template.describe('what the person is told when it does not hold, a template'),
        })
        .describe('after, action, with, expect and failed'),
    }),
  ])
  .describe('a step with one of collect, action, approval, branch, confirm, say, link, set, check');
export type WrittenStep = z.output<typeof step>;
