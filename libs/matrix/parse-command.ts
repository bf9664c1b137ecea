import { type ParsedDecision, parseDecision } from './parse-decision.ts';

export type ParsedCommand =
  | { readonly ok: true; readonly code: string; readonly decision: ParsedDecision }
  | { readonly ok: false };

/** Letters and digits of approval codes, see `approvalIdOf`. */
const command = /^!vagent\s+([a-z]+)\s+([0-9A-HJKMNP-TV-Z]{6})(?:\s+([\s\S]+))?$/i;

/**
 * Reads `!vagent WORD CODE [REST]`, where WORD and REST follow the grammar of `parseDecision`, but exactly: what
 * does not fit it is no decision. Undefined for text that is not addressed to `!vagent`.
 */
export function parseCommand(text: string): ParsedCommand | undefined {
  const said = text.trim();
  if (!/^!vagent(\s|$)/i.test(said)) return undefined;
  const [, word = '', code = '', rest = ''] = command.exec(said) ?? [];
  if (code === '') return { ok: false };
  const words = rest === '' ? word : `${word} ${rest}`;
  const decision = parseDecision(words);
  const isByGrammar = decision?.decision !== 'respond' || /^respon(d|se)$/i.test(word);
  if (decision === undefined || !isByGrammar || (decision.decision === 'respond' && rest === ''))
    return { ok: false };
  return { ok: true, code: code.toUpperCase(), decision };
}
