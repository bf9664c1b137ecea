import { z } from 'zod';
import { args, type DecisionKind } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';

/** What a reviewer's words mean: `text` is the reason of a reject or the answer of a respond. */
export interface ParsedDecision {
  readonly decision: DecisionKind;
  readonly text: string | null;
  readonly edit: z.infer<typeof args> | z.infer<typeof args>[] | string | null;
}

const jsonEdit = z.union([args, z.array(args).min(1)]);

/** Our words, and those of Agent Inbox and LangChain. */
const words: Readonly<Record<string, DecisionKind>> = {
  approve: 'approve',
  accept: 'approve',
  reject: 'reject',
  ignore: 'reject',
  edit: 'edit',
  respond: 'respond',
  response: 'respond',
};

/**
 * Reads an answer to an approval prompt. The grammar is exact, so that nothing is approved by accident:
 *
 *     approve | accept
 *     reject [because REASON] | ignore [because REASON]
 *     edit JSON | edit TEXT
 *     respond TEXT | response TEXT
 *
 * in any case, with blanks around. JSON is an object of arguments, or an array of them, one for each action; types
 * are kept. Anything else, `approve? no` or an edit whose JSON is broken, is a respond with the whole text.
 * Undefined for text without any visible character.
 */
export function parseDecision(text: string): ParsedDecision | undefined {
  const said = text.trim();
  if (said === '') return undefined;
  const [, word = '', rest = ''] = /^([a-z]+)(?:\s+([\s\S]*))?$/i.exec(said) ?? [];
  const lower = word.toLowerCase();
  const decision = Object.hasOwn(words, lower) ? words[lower] : undefined;
  const parsed = decision === undefined ? undefined : parseRest(decision, rest);
  return parsed ?? { decision: 'respond', text: said, edit: null };
}

/** Undefined where the rest does not fit the word. */
function parseRest(decision: DecisionKind, rest: string): ParsedDecision | undefined {
  switch (decision) {
    case 'approve':
      return rest === '' ? { decision, text: null, edit: null } : undefined;
    case 'reject': {
      if (rest === '') return { decision, text: null, edit: null };
      const reason = /^because\s+([\s\S]+)$/i.exec(rest)?.[1];
      return reason === undefined ? undefined : { decision, text: reason, edit: null };
    }
    case 'edit': {
      const edit = rest === '' ? undefined : parseEdit(rest);
      return edit === undefined ? undefined : { decision, text: null, edit };
    }
    case 'respond':
      return rest === '' ? undefined : { decision, text: rest, edit: null };
    default:
      return decision satisfies never;
  }
}

function parseEdit(rest: string): ParsedDecision['edit'] | undefined {
  if (!/^[[{]/.test(rest)) return rest;
  try {
    const raw: unknown = JSON.parse(rest);
    const parsed = jsonEdit.safeParse(raw);
    // Not a member may be lost on the way, as the schema loses "__proto__".
    return parsed.success && canonicalJson(parsed.data) === canonicalJson(raw) ? parsed.data : undefined;
  } catch {
    // What starts like JSON and is none was meant as JSON: nothing may run with it.
    return undefined;
  }
}
