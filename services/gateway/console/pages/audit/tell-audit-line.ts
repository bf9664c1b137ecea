export interface AuditSentence {
  readonly what: string;
  /** Who did it; null where the system did. */
  readonly by: string | null;
  /** True for what was refused, or whose fate is unknown. */
  readonly isBad: boolean;
}

type Fields = Readonly<Record<string, string>>;

/** What a line of the audit says, as a sentence. Of a type that is not known, the type. */
export function tellAuditLine(fields: Fields): AuditSentence {
  const { type = '', by = '', requester = '' } = fields;
  const who = by !== '' ? by : type === 'approval.requested' && requester !== '' ? requester : null;
  return { what: sentenceOf(type, fields), by: who, isBad: isBad(type, fields) };
}

function sentenceOf(type: string, fields: Fields): string {
  const code = (fields['approval'] ?? '').slice(0, 6);
  const decision = fields['decision'] ?? 'decision';
  switch (type) {
    case 'approval.requested':
      return `${code}: asked for ${actionNames(fields['actions'])}`;
    case 'approval.resolved':
      return `${code}: ended as ${fields['status'] ?? 'unknown'}`;
    case 'decision.counted':
      return `${code}: ${decision} counted, by ${fields['via'] ?? 'unknown means'}`;
    case 'decision.progress':
      return `${code}: ${decision} kept, more reviewers have to agree`;
    case 'decision.already_decided':
      return `${code}: ${decision} came too late`;
    case 'decision.refused':
      return `${code}: ${decision} refused${because(fields['text'])}`;
    case 'decision.unknown':
      return `${code}: ${decision} found no such approval`;
    case 'permit.started':
      return `${code}: action ${Number(fields['action'] ?? 0) + 1} begins`;
    case 'permit.used':
      return `${code}: action ${Number(fields['action'] ?? 0) + 1} ended as ${fields['status'] ?? 'unknown'}`;
    case 'dead.replayed':
      return `Dead letter of ${fields['stream'] ?? 'no stream'} replayed${because(fields['reason'])}`;
    case 'dead.dropped':
      return `Dead letter of ${fields['stream'] ?? 'no stream'} dropped${because(fields['reason'])}`;
    case 'access.revoked':
      return fields['kind'] === 'jti'
        ? `The token ${fields['subject'] ?? ''} revoked${because(fields['because'])}`
        : `Tokens and sign-ins of ${fields['subject'] ?? 'nobody'} revoked${because(fields['because'])}`;
    default:
      return type === '' ? 'A line without a type' : type.replaceAll(/[._]/g, ' ');
  }
}

/** `refund_invoice <digest>, …` as the names alone. */
function actionNames(actions: string | undefined): string {
  const names = (actions ?? '').split(', ').map((one) => one.split(' ', 1)[0] ?? '');
  return names.filter(Boolean).join(', ') || 'nothing that is named';
}

function because(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `: ${text}`;
}

function isBad(type: string, { status }: Fields): boolean {
  if (type === 'permit.used') return status !== 'done';
  return ['decision.refused', 'decision.unknown', 'dead.dropped'].includes(type);
}
