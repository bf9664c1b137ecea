import { type ParsedDecision, parseDecision } from './parse-decision.ts';

export type ParsedCommand =
  | {
      readonly ok: true;
      readonly command: 'decide';
      readonly code: string;
      readonly decision: ParsedDecision;
    }
  /** `about`: an id; null for the event that is answered. */
  | { readonly ok: true; readonly command: 'why'; readonly about: string | null }
  | { readonly ok: false };

/** Letters and digits of approval codes, see `approvalIdOf`. */
const decision = /^!vagent\s+([a-z]+)\s+([0-9A-HJKMNP-TV-Z]{6})(?:\s+([\s\S]+))?$/i;
const why = /^!vagent\s+why(?:\s+([\x21-\x7E]{1,512}))?$/i;

/**
 * Reads `!vagent WORD CODE [REST]`, where WORD and REST follow the grammar of `parseDecision`, or `!vagent why [ID]`, but
 * exactly: what does not fit it is no command. Undefined for text that is not addressed to `!vagent`.
 */
export function parseCommand(text: string): ParsedCommand | undefined {
  const said = text.trim();
  if (!/^!vagent(\s|$)/i.test(said)) return undefined;
  const asked = why.exec(said);
  if (asked !== null) return { ok: true, command: 'why', about: asked[1] ?? null };
  const [, word = '', code = '', rest = ''] = decision.exec(said) ?? [];
  if (code === '') return { ok: false };
  const words = rest === '' ? word : `${word} ${rest}`;
  const parsed = parseDecision(words);
  const isByGrammar = parsed?.decision !== 'respond' || /^respon(d|se)$/i.test(word);
  if (parsed === undefined || !isByGrammar || (parsed.decision === 'respond' && rest === ''))
    return { ok: false };
  return { ok: true, command: 'decide', code: code.toUpperCase(), decision: parsed };
}
