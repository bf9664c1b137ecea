import { z } from 'zod';
import { ToolError } from '#agents/errors';
import type { Tool } from '#agents/tools/tool';
import { acceptChange } from './accept-change.ts';
import { deskArguments } from './desk-arguments.ts';
import { type ForgeDesk, invoice } from './forge-desk.ts';
import { parseAmount } from './parse-amount.ts';

const written = z
  .string()
  .trim()
  .max(40, 'is longer than 40 characters')
  .refine((text) => parseAmount(text) !== undefined, 'is not an amount like 49 EUR');

/** As people write it, as a number in the invoice's currency, or as money with its currency. */
const amount = z.union([
  written,
  z.number().positive('is not above zero').transform(String).pipe(written),
  z
    .strictObject({ amount: z.number().positive('is not above zero'), currency: z.string().max(3) })
    .transform((money) => `${money.amount} ${money.currency}`)
    .pipe(written),
]);
const args = z.strictObject({
  invoice_id: deskArguments.invoiceId,
  amount: amount.describe('how much, like 49 EUR'),
  reason: z.string().trim().min(1, 'is empty').max(1_000, 'is longer than 1000 characters').describe('why'),
});

export function createRefundInvoice(desk: ForgeDesk): Tool<z.output<typeof args>> {
  return {
    name: 'refund_invoice',
    description: 'Gives back what was paid for an invoice, or a part of it.',
    args,
    data: invoice,
    risk: 'medium',
    isRepeatable: true,
    timeoutMs: 15_000,
    run: async ({ invoice_id, amount: asked, reason }, call) => {
      const money = parseAmount(asked);
      if (money === undefined) {
        throw new ToolError('refund_invoice', `${asked} is no amount`, { wasApplied: 'no' });
      }
      const refund = { invoice: invoice_id, amount: money.value, currency: money.currency, reason };
      const refunded = acceptChange(
        'refund_invoice',
        `invoice ${invoice_id}`,
        await desk.refundInvoice(refund, call),
      );
      const text = `Invoice **${invoice_id}**: ${money.value} ${refunded.currency} given back.`;
      return { text, data: refunded };
    },
  };
}
