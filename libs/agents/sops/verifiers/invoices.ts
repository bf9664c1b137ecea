import { z } from 'zod';
import { isSameName } from '#agents/sops/is-same-name';
import { type Verifier, verifierOf } from '#agents/sops/verifier';

const invoice = z.object({
  invoice_id: z.string().min(1),
  amount: z.number(),
  state: z.string(),
  refundable: z.boolean(),
});

/** Checks over what `find_invoice` gives. */
export const invoiceVerifiers: readonly Verifier[] = [
  verifierOf(
    { name: 'invoice_found', description: 'the invoice that was asked for exists' },
    invoice.pick({ invoice_id: true }),
    ({ invoice_id }, { args }) => {
      const asked = args['invoice_id'];
      const isSame = typeof asked !== 'string' || isSameName(asked, invoice_id);
      return isSame
        ? { hasPassed: true }
        : { hasPassed: false, why: `I found another invoice than ${asked}.` };
    },
  ),
  verifierOf(
    { name: 'invoice_refundable', description: 'the invoice is paid and may be refunded' },
    invoice,
    ({ invoice_id, amount, state, refundable }) => {
      if (state === 'refunded')
        return { hasPassed: false, why: `Invoice ${invoice_id} was refunded before.` };
      if (state !== 'paid') {
        return {
          hasPassed: false,
          why: `Invoice ${invoice_id} is ${state}, and only a paid one can be refunded.`,
        };
      }
      if (!refundable || amount <= 0) {
        return { hasPassed: false, why: `Invoice ${invoice_id} can no longer be refunded.` };
      }
      return { hasPassed: true };
    },
  ),
];
