import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { type AuditEvent, auditEvent, type ForgeDesk } from './forge-desk.ts';

const args = z.strictObject({ subject: deskArguments.subject });

export function createReadAuditLog(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'read_audit_log',
    description: 'Reads what happened lately to an account, an organisation or a token, newest first.',
    args,
    data: z.object({ events: z.array(auditEvent) }),
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ subject }) => {
      const events = [...(await desk.readAuditLog(subject))];
      const lines = events.map(describe).join('\n');
      const text = events.length === 0 ? 'The audit log has no events about it.' : `Audit log:\n\n${lines}`;
      return { text, data: { events } };
    },
  };
}

function describe({ at, actor, action, address }: AuditEvent): string {
  const from = address === null ? '' : ` from ${address}`;
  return `- ${at} \`${action}\` by \`${actor.replaceAll('`', "'")}\`${from}`;
}
