import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, type Invoice, invoice } from './forge-desk.ts';
import { notFound } from './not-found.ts';

const args = z.strictObject({ invoice_id: deskArguments.invoiceId });

export function createFindInvoice(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'find_invoice',
    description: 'Finds one invoice: its amount, whether it is paid, and whether it can be refunded.',
    args,
    data: invoice,
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 5_000,
    run: async ({ invoice_id }) => {
      const found = await desk.findInvoice(invoice_id);
      if (found === undefined) throw notFound('find_invoice', 'invoice', invoice_id);
      return { text: describe(found), data: found };
    },
  };
}

function describe({ invoice_id, amount, currency, state, refundable, paid_at }: Invoice): string {
  const paid = paid_at === null ? '' : `, paid on ${paid_at}`;
  return `Invoice **${invoice_id}**: ${amount} ${currency}, ${state}${paid}; it ${refundable ? 'can' : 'cannot'} be refunded.`;
}
