const longestReason = 1_500;
const quoted = '["“„«\'`]([^"”“»\'`\\n]{1,300})["”“»\'`]';
const replaceWords = new RegExp(`\\b(?:replace|change)\\s+${quoted}\\s+(?:by|with|to)\\s+${quoted}`, 'gi');
const removeWords = new RegExp(`\\b(?:remove|delete|drop|leave out|omit)\\s+${quoted}`, 'gi');
const leadIn =
  /^(?:no[,:;]?\s+)?(?:please\s+)?(?:(?:also\s+)?(?:say|add|mention|write|tell (?:them|him|her|the (?:person|user|customer))|include|note|explain)(?:\s+(?:also|that|clearly))*:?)\s+/i;

/**
 * Takes a reviewer's reason into account without a model: what it asks to replace or to leave out (in quotes) is, and
 * the rest of its words become the correction, so that they cannot be ignored.
 */
export function applyCorrection(draft: string, reason: string): string {
  let text = draft;
  const words = reason.slice(0, longestReason).toWellFormed();
  const rest = words
    .replaceAll(replaceWords, (match, old: string, next: string) => {
      if (!text.includes(old)) return match;
      text = text.replaceAll(old, () => next);
      return '';
    })
    .replaceAll(removeWords, (match, old: string) => {
      if (!text.includes(old)) return match;
      text = text.replaceAll(old, '');
      return '';
    });
  const said = rest.replace(/^[\s.,;:]+|\s+$/g, '').replace(leadIn, '');
  const body = text.replaceAll(/[^\S\n]{2,}/g, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(said) || /^(?:and|then)$/i.test(said)) return body;
  const sentence = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  const correction = `**Please note:** ${/[.!?]$/.test(sentence) ? sentence : `${sentence}.`}`;
  return body === '' ? correction : `${correction}\n\n${body}`;
}
